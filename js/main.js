// @ts-check
// Wiring only: who listens to whom.

import { Alerts } from "./alerts.js";
import { modelPicker } from "./draw/model_picker.js";
import { DrawRoom } from "./draw/room.js";
import { samplesView } from "./draw/sample_digits.js";
import { connectShareMenu } from "./draw/share.js";
import { element } from "./element.js";
import { Inside } from "./inside/room.js";
import { Models } from "./models.js";
import { stayOffline } from "./offline.js";
import { connectCamera } from "./pad/camera.js";
import { drawWithKeys } from "./pad/keyboard.js";
import { Pad } from "./pad/pad.js";
import { Pictures } from "./pad/pictures.js";
import { replayWith } from "./pad/replay.js";
import { readRequest } from "./pad/request.js";
import { keepDrawing } from "./pad/saved_drawing.js";
import { connectToolbar } from "./pad/toolbar.js";
import { Recognizer } from "./python/client.js";
import { showRooms } from "./rooms.js";
import { State } from "./state.js";
import { storage } from "./storage.js";
import { openTrainingRoom } from "./train/room.js";

const html = document.documentElement;

export const state = new State();
export const pad = new Pad(element("pad"));
export const recognizer = new Recognizer();
/** The newest reading. @type {import("./python/client.js").Reading | null} */
export let reading = null;

const alerts = new Alerts(element("alert"));
const models = new Models((request) => recognizer.ask(request));
const inside = new Inside(element("inside"), state, (request) => recognizer.ask(request), read);
const draw = new DrawRoom();

// Every change of the ink is read, and every reading shown.
function read() {
  if (models.current) recognizer.read(() => readRequest(pad, inside.question()), show);
}
pad.addEventListener("change", read);

/** @param {NonNullable<typeof reading>} newest */
function show(newest) {
  reading = newest;
  draw.show(newest);
  inside.show(newest);
  html.dataset.state = "ready";
}

// The pad.
connectToolbar(pad);
drawWithKeys(pad, element("cursor"), element("pen-position"));
replayWith(pad, element("replay"));
const pictures = new Pictures(pad, recognizer, alerts.about("picture"));
pictures.droppedOn(element("pad-frame"));
pictures.pasted();
for (const id of ["upload", "photo"]) pictures.chosenWith(element(id));
connectCamera(element("camera"), element("camera-dialog"), pictures, alerts.about("camera"));
const showSample = samplesView(element("samples"), (picture) => pad.become({ picture, strokes: [] }));
pad.addEventListener("change", () => showSample(pad.ink.picture));
connectShareMenu(element("share"), pad, () => reading);
keepDrawing(pad, alerts.about("link"));

// Python loads while people can already draw.
const sayFailure = alerts.about("python");
recognizer.addEventListener("progress", (event) => draw.showLoading(/** @type {CustomEvent} */ (event).detail));
recognizer.addEventListener("failed", (event) => fail(/** @type {CustomEvent<string>} */ (event).detail));

/** @param {string} sentence */
function fail(sentence) {
  html.dataset.state = "failed";
  draw.fail();
  sayFailure(sentence, start);
}

function start() {
  html.dataset.state = "loading";
  models.current = "";
  recognizer.start();
  openModel();
}

// Networks: the state says which one reads.
/** @param {string} name */
const choose = (name) => state.set({ model: name === models.usual ? "" : name });
const showModels = modelPicker(element("networks"), choose);
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
const RECORDS = { drawing: "drawing", yours: "network", run: "training run" };
storage.addEventListener("damaged", (event) => {
  const what = RECORDS[/** @type {CustomEvent<string>} */ (event).detail];
  if (what) alerts.about(what)(`The ${what} stored in this browser was damaged and has been set aside.`);
});

// Rooms.
showRooms(state);
start();
openTrainingRoom(state, pad, (request) => recognizer.ask(request), {
  use: async (file, bytes, card) => {
    const stored = await models.adopt({ file, bytes, card });
    choose("yours");
    read();
    alerts.about("network")(
      stored ? "" : "This browser could not store your network: save it as a file before you close the page.",
    );
  },
  leave: () => choose(models.usual),
});
stayOffline(element("news"));
