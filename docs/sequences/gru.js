/* A trained GRU and a trained LSTM read the same text, letter by letter: one cell of each as bars, and
   the capitals that they would name. The weights are those of the two lessons' examples. */

import { dense, gruCell, gruGates, softmax, zeros } from "../assets/infer.js";
import { answer, cellBars, LSTM_PARTS, one, reading, readLSTM, two } from "../assets/letters.js";
import { loadArrays, mount } from "../assets/move.js";

/** What a trained GRU has after each letter: gates, states and the shares of A to H. */
export function read(net, letters) {
  let state = zeros(1, net.weight_hh.shape[1]);
  return letters.map((letter) => {
    const gates = gruGates(one(letter), state, net);
    state = gruCell(one(letter), state, net);
    return { ...gates, takes: gates.update.map((z) => 1 - z), state, shares: softmax(dense(state, net.out_weight, net.out_bias)) };
  });
}

const PARTS = [["update", "update gate", "blue"], ["takes", "1 − update gate", "orange"],
  ["candidate", "candidate", "orange", 1], ["reset", "reset gate", "green"], ["state", "state", "blue", 1]];

mount("beside", async (figure) => {
  const [gru, lstm] = await Promise.all(["gru", "net"].map((name) => loadArrays(figure.files[`${name}.safetensors`])));
  const nets = [
    { key: "cell", label: "Cell of the GRU", name: "GRU", net: gru, read },
    { key: "lstm", label: "Cell of the LSTM", name: "LSTM", net: lstm, read: readLSTM },
  ].map(({ net, read: reads, ...rest }) =>
    ({ ...rest, cells: net.weight_hh.shape[1], first: 1, read: (letters) => reads(net, letters) }));
  reading(figure, nets, (pictures, { n, letters, seen, units: [k, j] }) => {
    const [at, beside] = seen.map((all) => all[n]);
    cellBars(pictures[0], `GRU, cell ${k + 1}`, PARTS, at, k);
    cellBars(pictures[1], `LSTM, cell ${j + 1}`, LSTM_PARTS, beside, j);
    const before = n ? seen[0][n - 1].state[k] : 0;
    return `the GRU's cell ${k + 1} keeps ${two(at.update[k])} of ${two(before)}, takes in ${two(at.takes[k])} × `
      + `${two(at.candidate[k])}, and holds ${two(at.state[k])}; the LSTM's cell ${j + 1} `
      + `keeps ${two(beside.forget[j])} and holds ${two(beside.cell[j])}. The GRU names ${answer(at.shares, letters, n)} `
      + `The LSTM names ${answer(beside.shares, letters, n)}`;
  });
});
