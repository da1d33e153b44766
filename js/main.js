// @ts-check
// Wiring only: who listens to whom.

import { Alerts } from "./alerts.js";
import { DrawRoom } from "./draw/room.js";
import { Models } from "./models.js";
import { looksLikeNumber, SIDE } from "./pad/ink.js";
import { drawWithKeys } from "./pad/keyboard.js";
import { Pad } from "./pad/pad.js";
import { Pictures } from "./pad/pictures.js";
import { keepDrawing } from "./pad/saved_drawing.js";
import { connectModeSwitch, connectToolbar } from "./pad/toolbar.js";
import { applyStyles, element, isEmbedded, showLanguage, showRooms } from "./page.js";
import { reader as recognizer } from "./python/client.js";
import { repairOfflineCopy } from "./python/downloads.js";
import { State } from "./state.js";
import { storage } from "./storage.js";
import { listen } from "./when.js";

const html = document.documentElement;
html.dataset.running = ""; // for js/opened_as_file.js
/** Has the offline copy that this page came from. */
const version = navigator.serviceWorker?.controller;

export const state = new State();
/** Resolves once the texts of the page's language are there. */
const language = showLanguage();
export const pad = new Pad(element("pad"));
export { recognizer };
/** The newest reading. @type {import("./python/client.js").Reading | null} */
export let reading = null;

const alerts = new Alerts(element("alert"));
const models = new Models((request) => recognizer.ask(request));
/** @type {import("./inside/room.js").Inside | null} */
let inside = null;
/** @type {import("./code/room.js").CodeRoom | null} */
let code = null;
/** @type {import("./number/mode.js").NumberMode | null} */
let number = null;
/** @type {import("./learn/room.js").Learn | null} */
let learn = null;
/** Opens the game of sums. */
let openSums = () => {};
const draw = new DrawRoom();

// The pad.
connectModeSwitch(pad, state);
connectToolbar(pad);
element("to-number").addEventListener("click", () => state.set({ mode: "number" }));
element("play").addEventListener("click", async () => {
  await load("sums");
  openSums();
});
drawWithKeys(pad, element("cursor"), element("pen-position"));
const pictures = new Pictures(pad, recognizer, alerts.about("picture"));
pictures.droppedOn(element("pad-frame"));
pictures.pasted();
for (const id of ["upload", "photo"]) pictures.chosenWith(element(id));
pad.addEventListener("resize", () => pictures.findAgain());
keepDrawing(pad, alerts.about("link"), alerts.about("drawing storage"));

// Every change of the ink is read, and every reading shown.
function read() {
  if (!models.current) return;
  if (pad.width === SIDE) recognizer.read(() => pad.request(question()), show);
  else number?.read();
}
/** The one digit that rooms explain: the drawing, or a place of the number. */
const digitPixels = () => (pad.width === SIDE ? pad.pixels() : (number?.pixels() ?? pad.pixels()));
/** What the room Inside asks of the next reading. */
const question = () => inside?.question() ?? null;
for (const event of ["change", "resize"]) pad.addEventListener(event, read);

/** @param {NonNullable<typeof reading>} newest */
function show(newest) {
  if (pad.width !== SIDE) return; // the switch was pressed meanwhile
  draw.show(newest, looksLikeNumber(pad.ink.strokes));
  showInside(newest);
}

/** In rooms that explain one digit. @param {NonNullable<typeof reading>} newest */
function showInside(newest) {
  reading = newest;
  inside?.show(newest);
  code?.show(newest);
  learn?.show(newest);
  ready();
}

function ready() {
  html.dataset.state = "ready";
  load("more", "cards", "inside", "train", "offline");
}

// Python loads while people can already draw.
const sayFailure = alerts.about("python");
draw.showLoading(recognizer.progress);

/** @param {string} sentence */
async function fail(sentence) {
  html.dataset.state = "failed";
  sayBusy("");
  draw.fail();
  load("more"); // among it, the button that forgets everything
  if (await repairOfflineCopy()) location.reload();
  sayFailure(sentence, start);
}

const sayBusy = alerts.about("busy");
listen(recognizer, {
  progress: (progress) => draw.showLoading(progress),
  failed: fail,
  busy(busy) {
    html.toggleAttribute("data-busy", busy);
    sayBusy(
      busy ? "Python has not answered for some seconds. You can wait, or start it again; your drawing will be kept." : "",
      start,
    );
  },
});

function start() {
  html.dataset.state = "loading";
  sayBusy("");
  models.current = "";
  recognizer.start();
  openModel();
}

// Networks: the state says which one reads.
/** @param {string} name */
const choose = (name) => state.set({ model: name === models.usual ? "" : name });
/** Shows them in the picker, once it has loaded. @type {ReturnType<typeof import("./draw/model_picker.js").modelPicker>} */
let showModels = () => {};
const sayModel = alerts.about("model");

async function openModel() {
  const wanted = state.values.model;
  const before = models.current;
  try {
    const model = await models.open(wanted);
    showModels(models.all, model);
    html.dataset.model = model.name;
    if (models.current === before) return;
    sayModel("");
    sayFailure("");
    read();
  } catch (error) {
    if (html.dataset.state === "failed") return; // there is a message already
    const { message } = /** @type {Error} */ (error);
    if (!models.current) return fail(message);
    sayModel(message, () => choose(wanted));
    choose(models.current);
  }
}
state.addEventListener("change", openModel);

/** @type {Record<string, string>} */
const RECORDS = {
  drawing: "drawing",
  edits: "edited code",
  exercises: "list of solved exercises",
  learn: "progress in Learn",
  yours: "network",
  run: "training run",
  "last run": "comparison with the last run",
};
listen(storage, {
  damaged(name) {
    const what = RECORDS[name];
    if (what) alerts.about(what)(`The ${what} stored in this browser was damaged and has been set aside.`);
  },
});

// Code that loads after the first answer; that of a room, also when the room is opened.
/** The training run that the rooms Train and Learn share. @type {import("./python/training_client.js").Trainer | null} */
let trainer = null;
async function sharedTrainer() {
  const { Trainer } = await import("./python/training_client.js");
  trainer ??= new Trainer();
  return trainer;
}

/** @type {Record<string, () => Promise<void>>} */
const later = {
  async more() {
    const [{ connectCamera }, { replayWith }, { samplesView }, { connectShareMenu }, { languagePicker }] = await Promise.all([
      import("./pad/camera.js"),
      import("./pad/replay.js"),
      import("./draw/sample_digits.js"),
      import("./draw/share.js"),
      import("./language/language.js"),
    ]);
    connectCamera(pictures, alerts.about("camera"));
    replayWith(pad, element("replay"));
    const showSample = samplesView((picture) => pad.become({ picture, strokes: [] }));
    pad.addEventListener("change", () => showSample(pad.ink.picture));
    connectShareMenu(pad, draw);
    languagePicker(element("language"), await language, state);
    for (const id of ["camera", "replay", "share"]) element(id).inert = false;
  },
  async cards() {
    const [{ modelPicker }] = await Promise.all([import("./draw/model_picker.js"), models.loadCards()]);
    showModels = modelPicker(choose);
    openModel(); // shows them
  },
  async inside() {
    const [{ Inside }] = await Promise.all([
      import("./inside/room.js"),
      ...["inside", "preprocessing", "neuron"].map(loadStyles),
    ]);
    const readAgain = () => (pad.width === SIDE ? read() : number?.readPlace());
    inside = new Inside(state, (request) => recognizer.ask(request), readAgain);
    element("inside").inert = false;
    read();
  },
  async train() {
    const [{ openTrainingRoom }, trainer] = await Promise.all([
      import("./train/room.js"),
      sharedTrainer(),
      loadStyles("train"),
    ]);
    openTrainingRoom(state, pad, (request) => recognizer.ask(request), trainer, {
      use: useOwn,
      leave: () => choose(models.usual),
    });
    element("train").inert = false;
  },
  async number() {
    const [{ NumberMode }] = await Promise.all([import("./number/mode.js"), loadStyles("number")]);
    number = new NumberMode(pad, recognizer, draw, { isOpen: () => state.values.room !== "draw", question, showInside, ready });
    pictures.findNumber = number.find;
    pictures.findAgain();
    read();
  },
  async learn() {
    const [{ Learn }, trainer] = await Promise.all([import("./learn/room.js"), sharedTrainer(), loadStyles("learn")]);
    learn ??= new Learn(state, digitPixels, models, (request) => recognizer.ask(request), trainer);
    await learn.start();
    element("learn").inert = false;
    if (reading) learn.show(reading);
  },
  async offline() {
    const { stayOffline } = await import("./offline.js");
    if (!isEmbedded) stayOffline(element("news"), alerts.about("offline"), version);
  },
  async sums() {
    const [{ connectSums }] = await Promise.all([import("./sums/game.js"), loadStyles("sums")]);
    if (number) openSums = connectSums(pad, number);
  },
  async code() {
    const [{ CodeRoom }] = await Promise.all([import("./code/room.js"), loadStyles("code")]);
    code = new CodeRoom(state, digitPixels, models, alerts.about("link to code"));
    element("code").inert = false;
    if (reading) code.show(reading);
  },
};
const sayMissing = alerts.about("code");

/** @param {string} name  of a room */
const loadStyles = (name) => applyStyles(`css/${name}.css`);

/** @param {string[]} names */
async function load(...names) {
  await language;
  for (const name of names) {
    const part = later[name];
    if (!part) continue;
    delete later[name];
    try {
      await part();
    } catch (error) {
      console.error(error);
      later[name] = part;
      await repairOfflineCopy();
      sayMissing("A part of the page could not be loaded: check that the server still runs, then try again.", () => load(name));
    }
  }
}

/** @param {string} file @param {Uint8Array} bytes @param {object} card */
async function useOwn(file, bytes, card) {
  const stored = await models.adopt({ file, bytes, card });
  choose("yours");
  read();
  alerts.about("network")(
    stored ? "" : "This browser could not store your network: save it as a file before you close the page.",
  );
}
showRooms(state);
element("invitation").addEventListener("click", (event) => {
  event.preventDefault();
  state.set({ room: "learn" }, { newEntry: true });
});
state.addEventListener("change", () => {
  load(state.values.room, state.values.mode);
  if (pad.width !== SIDE) number?.readPlace();
});
load(state.values.room, state.values.mode);
if (recognizer.problem) fail(recognizer.problem);
else openModel();
