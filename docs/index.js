/* The home page's figure is the perceptron's own, with more points. */

import { mount } from "./assets/move.js";
import { start } from "./history/perceptron.js";

mount("learn", (figure) => start(figure, "points"));
