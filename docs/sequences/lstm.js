/* A trained LSTM reads a text letter by letter: its gates as bars, and the capital that it would name.
   The net is sequences/lstm/remembering.py's; its weights are those of the page's example. */

import { answer, cellBars, LSTM_PARTS, reading, readLSTM, two } from "../assets/letters.js";
import { loadArrays, mount } from "../assets/move.js";

mount("gates", async (figure) => {
  const net = await loadArrays(figure.files["net.safetensors"]);
  const lstm = {
    key: "cell", label: "Cell", name: "LSTM", cells: net.weight_hh.shape[1], first: 8,
    read: (letters) => readLSTM(net, letters),
  };
  reading(figure, [lstm], ([picture], { n, letters, seen: [seen], units: [k] }) => {
    const at = seen[n];
    cellBars(picture, `Cell ${k + 1}`, LSTM_PARTS, at, k);
    const before = n ? seen[n - 1].cell[k] : 0;
    return `cell ${k + 1} keeps ${two(at.forget[k])} of ${two(before)}, adds ${two(at.input[k])} × ${two(at.candidate[k])}, `
      + `and holds ${two(at.cell[k])}. The net names ${answer(at.shares, letters, n)}`;
  });
});
