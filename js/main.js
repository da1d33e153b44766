// @ts-check
// Wiring only: who listens to whom.

import { Models } from "./models.js";
import { Pad } from "./pad.js";
import { Recognizer } from "./recognizer.js";
import { State } from "./state.js";
import { answerView, inWords } from "./views/answer.js";
import { barsView } from "./views/bars.js";
import { loadingView } from "./views/loading.js";
import { modelView } from "./views/model.js";
import { seenView } from "./views/seen.js";

/** @typedef {import("./recognizer.js").Reading} Reading */

/** @template {HTMLElement} [E=HTMLElement] @param {string} id */
const $ = (id) => /** @type {E} */ (document.getElementById(id));
const html = document.documentElement;

export const state = new State();
export const pad = new Pad($("pad"));
export const recognizer = new Recognizer();

/** The newest reading. @type {Reading | null} */
export let reading = null;

/** What every reading is shown to. */
const views = [
  answerView($("draw")),
  barsView($("bars")),
  seenView($("seen")),
];

// Rooms: a control opens one, and the URL says which.
const rooms = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".room")]);

function openRoom() {
  const open = rooms.find(({ id }) => id === state.values.room) ?? rooms[0];
  html.dataset.open = open.id;
  for (const room of rooms) room.hidden = room !== open;
  for (const control of document.querySelectorAll("nav [data-room]")) {
    control.ariaCurrent = /** @type {HTMLElement} */ (control).dataset.room === open.id ? "page" : null;
  }
}
for (const control of document.querySelectorAll("[data-room]")) {
  control.addEventListener("click", (event) => {
    event.preventDefault();
    state.set({ room: /** @type {HTMLElement} */ (control).dataset.room }, { step: true });
  });
}
state.addEventListener("change", openRoom);
openRoom();

// Ink: every change is read, the newest first; the answer is said once the pen rests.
const REST = 700; // ms
let resting = 0;

function read() {
  if (models.open) recognizer.read(() => ({ revision: pad.ink.revision, pixels: pad.pixels() }), show);
}

/** @param {Reading} newest */
function show(newest) {
  const changed = newest.digit !== reading?.digit || newest.verdict !== reading?.verdict;
  reading = newest;
  for (const view of views) view(newest);
  html.dataset.state = "ready";
  if (changed) $("status").textContent = "";
  clearTimeout(resting);
  resting = setTimeout(() => ($("status").textContent = inWords(newest)), newest.digit === null ? 0 : REST);
}

function inkChanged() {
  $("hint").hidden = !pad.ink.isEmpty;
  $("undo").classList.toggle("idle", !pad.ink.canUndo);
  $("redo").classList.toggle("idle", !pad.ink.canRedo);
  $("clear").classList.toggle("idle", pad.ink.isEmpty);
  read();
}
pad.addEventListener("change", inkChanged);

const actions = { undo: () => pad.undo(), redo: () => pad.redo(), clear: () => pad.clear() };
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);

addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement || event.altKey) return;
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  const action = command && key === "z" ? (event.shiftKey ? "redo" : "undo")
    : command && key === "y" ? "redo"
    : !command && key === "delete" ? "clear" : null;
  if (!action) return;
  event.preventDefault();
  actions[action]();
});

const penWidth = /** @type {HTMLInputElement} */ ($("pen-width"));
function setPen() {
  pad.penWidth = penWidth.valueAsNumber;
  penWidth.style.setProperty("--pen", String(pad.penWidth));
}
penWidth.addEventListener("input", setPen);
setPen();

// Python: loads while one already draws; what fails is said, and can be tried again.
const showLoading = loadingView($("says"));
recognizer.addEventListener("progress", (event) => {
  const progress = /** @type {CustomEvent<import("./recognizer.js").Progress>} */ (event).detail;
  showLoading(progress);
  if ($("status").textContent !== progress.doing) $("status").textContent = progress.doing;
});
recognizer.addEventListener("failed", (event) => {
  html.dataset.state = "failed";
  clearTimeout(resting);
  $("status").textContent = "";
  alertWith(/** @type {CustomEvent<string>} */ (event).detail, start);
});

/** @param {string} sentence @param {() => void} tryAgain */
function alertWith(sentence, tryAgain) {
  $("alert-sentence").textContent = sentence;
  $("retry").onclick = () => {
    $("alert").hidden = true;
    tryAgain();
  };
  $("alert").hidden = false;
}

// Networks: the state says which one reads.
const showModel = modelView($("networks"));
const models = new Models();

async function openModel() {
  const wanted = state.values.model;
  try {
    const { model, card } = await models.find(wanted);
    showModel(models.all, model, card);
    if (model.name === models.open) return;
    await recognizer.ask({
      kind: "open",
      values: { file: model.file },
      files: [`weights/${model.file}`, `weights/${model.card}`],
    });
    models.open = model.name;
    $("alert").hidden = true;
    read();
  } catch (error) {
    if (html.dataset.state === "failed") return; // said already
    const { message } = /** @type {Error} */ (error);
    if (models.open) {
      alertWith(message, () => choose(wanted));
      choose(models.open);
    } else {
      html.dataset.state = "failed";
      alertWith(message, start);
    }
  }
}
state.addEventListener("change", openModel);

/** @param {string} name */
const choose = (name) => state.set({ model: name === models.usual ? "" : name });
$("model").addEventListener("change", (event) => choose(/** @type {HTMLSelectElement} */ (event.target).value));

function start() {
  html.dataset.state = "loading";
  models.open = "";
  recognizer.start();
  openModel();
}
start();
