// @ts-check
// Wiring only: who listens to whom.

import { openCamera } from "./pad/camera.js";
import { keepDrawing } from "./pad/saved_drawing.js";
import { drawWithKeys } from "./pad/keyboard.js";
import { Inside } from "./inside/room.js";
import { Models, OWN, opening } from "./models.js";
import { stayOffline } from "./offline.js";
import { Pad } from "./pad/pad.js";
import { Pictures, requestFor } from "./pad/pictures.js";
import { Recognizer } from "./python/client.js";
import { replayWith } from "./pad/replay.js";
import { shareFrom } from "./draw/share.js";
import { State } from "./state.js";
import { openTrainingRoom } from "./train/room.js";
import { answerView, inWords } from "./draw/answer.js";
import { barsView } from "./draw/bars.js";
import { glanceView } from "./draw/short_answer.js";
import { loadingView } from "./draw/loading.js";
import { modelView } from "./draw/model_picker.js";
import { samplesView } from "./draw/sample_digits.js";
import { seenView } from "./draw/network_input.js";

/** @typedef {import("./python/client.js").Reading} Reading */

/** @template {HTMLElement} [E=HTMLElement] @param {string} id */
const $ = (id) => /** @type {E} */ (document.getElementById(id));
const html = document.documentElement;

export const state = new State();
export const pad = new Pad($("pad"));
export const recognizer = new Recognizer();

/** The newest reading. @type {Reading | null} */
export let reading = null;

const inside = new Inside($("inside"), state, (request) => recognizer.ask(request), read);

/** What every reading is shown to. */
const views = [
  answerView($("draw")),
  barsView($("bars")),
  seenView($("seen")),
  glanceView($("glance")),
  (/** @type {Reading} */ reading) => inside.show(reading),
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
  if (models.open) recognizer.read(() => ({ revision: pad.ink.revision, ...inside.into(requestFor(pad)) }), show);
}

/** @param {Reading} newest */
function show(newest) {
  const changed = newest.digit !== reading?.digit || newest.verdict !== reading?.verdict;
  reading = newest;
  for (const view of views) view(newest);
  html.dataset.state = "ready";
  if (changed) say("");
  clearTimeout(resting);
  resting = setTimeout(() => say(inWords(newest)), newest.digit === null ? 0 : REST);
}

/** Heard in every room (a screen reader hears nothing from a hidden one), and seen in the Draw room. @param {string} words */
function say(words) {
  for (const id of ["status", "sentence"]) {
    if ($(id).textContent !== words) $(id).textContent = words;
  }
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
  const { target, altKey } = event;
  if (altKey || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "text")) return;
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  const action =
    command && key === "z"
      ? event.shiftKey
        ? "redo"
        : "undo"
      : command && key === "y"
        ? "redo"
        : !command && key === "delete"
          ? "clear"
          : null;
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

$("erase").addEventListener("click", () => {
  pad.erasing = !pad.erasing;
  $("erase").ariaPressed = String(pad.erasing);
});
drawWithKeys(pad, $("cursor"), $("pen-says"));
replayWith(pad, /** @type {HTMLButtonElement} */ ($("replay")));

// Pictures come in, results go out, and a drawing is still there tomorrow.
const pictures = new Pictures(pad, recognizer, remark);
pictures.droppedOn($("paper"));
pictures.pasted();
for (const id of ["upload", "photo"]) pictures.chosenWith($(id));
openCamera($("camera"), $("camera-room"), pictures, remark);
const showSample = samplesView($("samples"), (picture) => pad.become({ picture, strokes: [] }));
pad.addEventListener("change", () => showSample(pad.ink.picture));
shareFrom($("share"), pad, () => reading, remark);
keepDrawing(pad, remark);

// Python: loads while one already draws; what fails is said, and can be tried again.
const showLoading = loadingView($("says"));
recognizer.addEventListener("progress", (event) => {
  const progress = /** @type {CustomEvent<import("./python/client.js").Progress>} */ (event).detail;
  showLoading(progress);
  say(progress.doing || (reading ? inWords(reading) : ""));
  html.toggleAttribute("data-fetching", progress.done !== undefined && progress.done < (progress.total ?? 0));
});
recognizer.addEventListener("failed", (event) => {
  html.dataset.state = "failed";
  clearTimeout(resting);
  say("");
  alertWith(/** @type {CustomEvent<string>} */ (event).detail, start);
});

/** @param {string} sentence @param {() => void} [tryAgain] without it, the sentence can only be closed */
function alertWith(sentence, tryAgain) {
  $("alert-sentence").textContent = sentence;
  $("retry").textContent = tryAgain ? "Try again" : "Close";
  $("retry").onclick = () => {
    $("alert").hidden = true;
    tryAgain?.();
  };
  $("alert").hidden = false;
}

/** What a person should know, though all works on; "" takes the sentence away. @param {string} sentence */
function remark(sentence) {
  if (sentence) alertWith(sentence);
  else $("alert").hidden = true;
}

// Networks: the state says which one reads.
const showModel = modelView($("networks"));
const models = new Models();

async function openModel() {
  const wanted = state.values.model;
  try {
    const model = await models.find(wanted);
    showModel(models.all, model);
    html.dataset.model = model.name;
    if (model.name === models.open) return;
    await recognizer.ask(models.request(model));
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

/** Read with a network of one's own. @param {string} file @param {Uint8Array} bytes @param {object} card */
async function useOwn(file, bytes, card) {
  const own = { file, bytes, card };
  await recognizer.ask(opening(own)); // a file that cannot be used changes nothing
  const keeps = await models.adopt(own);
  models.open = OWN;
  choose(OWN);
  read();
  if (!keeps)
    remark("Your network is on the pad, but this browser could not keep it: save it as a file before you close the page.");
}
openTrainingRoom(state, pad, { use: useOwn, leave: () => choose(models.usual) });

function start() {
  html.dataset.state = "loading";
  models.open = "";
  recognizer.start();
  openModel();
}
start();
stayOffline($("news"));
