// @ts-check
// The room Learn: nine chapters, each with a text, one picture computed on the drawing, something to try, and a question.

import { fetchSamples, pixelsOf } from "../draw/sample_digits.js";
import { explained } from "../glossary.js";
import { english } from "../language/language.js";
import { button, element, isEmbedded, make } from "../page.js";
import { RecognizerError } from "../python/client.js";
import { keep, kept } from "../storage.js";
import { enlarged } from "../views/ink_image.js";
import { answerChapter } from "./answer.js";
import { backwardsChapter } from "./backwards.js";
import { foolChapter } from "./fool.js";
import { layersChapter } from "./layers.js";
import { lossChapter } from "./loss.js";
import { neuronChapter } from "./neuron.js";
import { pixelsChapter } from "./pixels.js";
import { questionView } from "./question.js";
import { stepChapter } from "./step.js";
import { trainingChapter } from "./training.js";

/** @typedef {import("../state.js").State} State @typedef {import("../models.js").Models} Models */
/** @typedef {import("../python/client.js").Request} Request @typedef {import("../draw/sample_digits.js").Sample} Sample */
/** @typedef {import("../python/client.js").Reading} Reading @typedef {import("./question.js").Question} Question */
/**
 * @typedef {object} Text  of a chapter, in chapters.json
 * @property {string} name  of its request, and in CHAPTERS @property {string} title @property {string[]} text  paragraphs
 * @property {string} try @property {Question} question @property {Record<string, string>} more
 *
 * @typedef {object} Chapter  the picture of one chapter
 * @property {(() => object) | null} values  the arguments of its request: see py/web/lesson_requests.py; null if it makes none
 * @property {(answer: any) => void} show
 *
 * @typedef {object} Page  what chapters use of the page
 * @property {Sample[]} samples
 * @property {import("../python/training_client.js").Trainer} trainer  shared with the room Train
 * @property {(request: Request) => Promise<any>} ask  Python
 * @property {() => void} openTrain  opens the room Train
 *
 * @typedef {{ last: string, solved: string[] }} Progress  the chapter that was open last, and those whose question was answered
 */

/**
 * Each fills an element, and calls `changed` when it needs other numbers.
 * @type {Record<string, (place: HTMLElement, changed: () => void, page: Page) => Chapter>}
 */
const CHAPTERS = {
  pixels: pixelsChapter,
  neuron: neuronChapter,
  layers: layersChapter,
  answer: answerChapter,
  loss: lossChapter,
  backwards: backwardsChapter,
  step: stepChapter,
  training: trainingChapter,
  fool: foolChapter,
};

/** Chapters that compute with the network that reads the pad; all others with the dense network. */
const WITH_THE_PAGES_NETWORK = ["answer", "loss"];

/** What a chapter imports beyond the usual. @type {Record<string, string[]>} */
const ARCHIVES = { fool: ["random"] };

const DENSE = "weights/model_params_stored_mnist.pk1";

const MORE = { equation: "Equation", shapes: "Shapes", python: "Python", source: "Source" };

export class Learn {
  #room = element("learn");
  #state;
  #pixels;
  #models;
  /** @type {Text[]} */
  #texts = [];
  /** @type {Progress} */
  #progress = { last: "1", solved: [] };
  #open = "";
  /** @type {Chapter | null} */
  #chapter = null;
  /** @type {Reading | null} */
  #reading = null;
  /** A test digit, for an empty pad. @type {Uint8Array | null} */
  #sample = null;
  /** @type {Page} */
  #page;
  /** What each chapter that was opened has made. @type {Map<string, { picture: HTMLElement, chapter: Chapter }>} */
  #opened = new Map();
  /** Whether Python has the file of the dense network. */
  #hasDense = false;
  #asking = false;
  #askNext = false;

  #links = make("nav", { className: "chapters", ariaLabel: "Chapters" });
  #article = make("article");
  #note = make("p", { className: "note" }, "The numbers appear when Python has started.");
  #previous = button("Previous", () => this.#turn(-1));
  #next = button("Next", () => this.#turn(1));

  /**
   * @param {State} state @param {() => Uint8Array} pixels  the drawing as Python gets it @param {Models} models
   * @param {Page["ask"]} ask @param {Page["trainer"]} trainer
   */
  constructor(state, pixels, models, ask, trainer) {
    this.#state = state;
    this.#pixels = pixels;
    this.#models = models;
    this.#page = { samples: [], trainer, ask, openTrain: () => state.set({ room: "train" }, { newEntry: true }) };
    state.include({ chapter: "" });
  }

  /** Load the texts and the progress, and open the chapter that the URL names. */
  async start() {
    const [texts, progress, samples] = await Promise.all([
      fetch(new URL("chapters.json", import.meta.url)).then((response) => response.json()),
      kept("learn", isProgress),
      fetchSamples(),
    ]);
    this.#texts = texts;
    this.#progress = progress ?? this.#progress;
    this.#page.samples = samples;
    if (samples.length) {
      this.#sample = enlarged(pixelsOf(samples[0]));
    }
    for (const [index, { title }] of this.#texts.entries()) {
      const chapter = String(index + 1);
      this.#links.append(Object.assign(this.#link(chapter, { room: "learn", chapter }), { title }));
    }
    this.#room.replaceChildren(this.#links, this.#article);
    this.#state.addEventListener("change", () => this.#arrive());
    addEventListener("keydown", (event) => this.#key(event));
    this.#arrive();
  }

  /** The page has read the drawing. @param {Reading} reading */
  show(reading) {
    this.#reading = reading;
    this.#update();
  }

  get #isOpen() {
    return this.#state.values.room === "learn";
  }

  /** The number of the chapter that the URL names, or of the last one. */
  get #number() {
    const { chapter } = this.#state.values;
    return /^[1-9]$/.test(chapter) && this.#texts[Number(chapter) - 1] ? Number(chapter) : Number(this.#progress.last);
  }

  #arrive() {
    const { dataset } = document.documentElement;
    if (!this.#isOpen) {
      delete dataset.chapter;
      return;
    }
    const chapter = String(this.#number);
    dataset.chapter = chapter;
    if (chapter !== this.#open) this.#show(chapter);
    this.#update();
  }

  /** @param {string} number */
  #show(number) {
    this.#open = number;
    const text = this.#texts[this.#number - 1];
    const { name, title, question, more } = text;
    const { picture, chapter } = this.#opened.get(name) ?? this.#make(name);
    const details = make("details", {}, make("summary", {}, "More"));
    const list = details.appendChild(make("dl"));
    for (const [part, label] of Object.entries(MORE)) {
      list.append(
        make("dt", {}, label),
        make("dd", { data: { part }, translate: part === "equation" || part === "shapes" }, more[part]),
      );
    }
    const words = make("div", { className: "words" }, ...text.text.map((paragraph) => make("p", {}, ...explained(paragraph))));
    words.append(make("p", { className: "try" }, make("b", {}, "Try it: "), text.try));
    this.#article.replaceChildren(
      make("h2", {}, `${number}. ${title}`),
      words,
      picture,
      questionView(question, this.#progress.solved.includes(name), () => this.#solve(name)),
      make("div", { className: "turning" }, this.#note, this.#previous, this.#next),
      details,
      this.#further(),
    );
    this.#chapter = chapter;
    this.#previous.disabled = this.#number === 1;
    this.#next.disabled = this.#number === this.#texts.length;
    this.#keep({ last: number });
  }

  /** @param {string} name of a chapter */
  #make(name) {
    const picture = make("div", { className: "picture", data: { picture: name } });
    const made = { picture, chapter: CHAPTERS[name](picture, () => this.#update(), this.#page) };
    this.#opened.set(name, made);
    return made;
  }

  /** @param {string} name of a chapter */
  #solve(name) {
    this.#keep({ solved: [...new Set([...this.#progress.solved, name])] });
  }

  /** @param {Partial<Progress>} changes */
  #keep(changes) {
    Object.assign(this.#progress, changes);
    keep("learn", this.#progress);
    for (const [index, link] of [...this.#links.children].entries()) {
      const { name, title } = this.#texts[index];
      const isSolved = this.#progress.solved.includes(name);
      link.classList.toggle("solved", isSolved);
      link.ariaCurrent = String(index + 1) === this.#open ? "step" : null;
      link.ariaLabel = `Chapter ${index + 1}: ${title}${isSolved ? ", question answered" : ""}`;
    }
  }

  /** Links below the chapter; below the last one, also to the rooms where one can go on. */
  #further() {
    const further = make("p", { className: "further" });
    if (this.#number === this.#texts.length) {
      further.append(
        "Go on: ",
        this.#link("see the whole network", { room: "inside" }),
        ", ",
        this.#link("train", { room: "train" }),
        " your own, or change the ",
        this.#link("code", { room: "code" }),
        ". ",
      );
    }
    further.append(make("a", { href: "teach.html" }, "For a class: a lesson of 45 minutes"));
    return further;
  }

  /** @param {string} text @param {Record<string, string>} values  of the state */
  #link(text, values) {
    const link = make("a", { href: `?${new URLSearchParams(values)}` }, text);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.#state.set(values, { newEntry: true });
    });
    return link;
  }

  /** Turn to another chapter. @param {number} step */
  #turn(step) {
    const next = this.#number + step;
    if (next < 1 || next > this.#texts.length) return;
    this.#state.set({ chapter: String(next) }, { newEntry: true });
    this.#links.scrollIntoView({ block: "nearest" });
  }

  /** Arrow keys turn, unless they mean something where the focus is. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const { target, defaultPrevented, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!step || !this.#isOpen || isEmbedded || defaultPrevented || ctrlKey || metaKey || altKey || shiftKey) return;
    if (/** @type {HTMLElement} */ (target).closest?.("input, select, textarea, dialog, pre, [popover]")) return;
    this.#turn(step);
  }

  /** Ask for the numbers of the newest drawing and settings; those that were overtaken are not shown. */
  async #update() {
    this.#askNext = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#askNext && this.#isOpen && this.#reading && this.#models.current) {
      this.#askNext = false;
      await this.#answer();
    }
    this.#asking = false;
  }

  async #answer() {
    const { digit, verdict, revision } = /** @type {Reading} */ (this.#reading);
    const pixels = digit === null ? this.#sample?.slice() : this.#pixels();
    const chapter = this.#chapter;
    const { name } = this.#texts[this.#number - 1];
    if (!chapter) return;
    if (!chapter.values) return this.#say("Trained here in your browser, on MNIST’s digits.");
    if (!pixels) return this.#say("Draw a digit to see numbers here.");
    try {
      const values = { chapter: name, ...chapter.values() };
      const files = this.#hasDense ? [] : [DENSE];
      const answer = await this.#page.ask({ kind: "lesson", values, pixels, files, archives: ARCHIVES[name] });
      this.#hasDense = true;
      if (chapter !== this.#chapter) return;
      chapter.show(answer);
      this.#article.dataset.revision = String(revision);
      const example = digit === null ? "a test digit, as the pad is empty" : "your drawing";
      const doubt = verdict === "not-a-digit" ? ", though it is not a digit" : "";
      this.#say(`Computed for ${example}${doubt}, with the ${this.#networkOf(name)}.`);
    } catch (error) {
      if (!(error instanceof RecognizerError)) throw error;
      if (this.#hasDense)
        this.#askNext = true; // Python was started again, and has no file any more
      else this.#say(error.message);
      this.#hasDense = false;
    }
  }

  /** @param {string} name of a chapter */
  #networkOf(name) {
    const { current, usual } = this.#models;
    if (!WITH_THE_PAGES_NETWORK.includes(name) || current === "dense") return "dense network";
    return current === usual ? "convolutional network" : "network of your own";
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (english(this.#note) !== sentence) this.#note.textContent = sentence;
  }
}

/** @param {any} record @returns {boolean} whether it is Progress */
function isProgress(record) {
  const { last, solved } = record ?? {};
  return /^[1-9]$/.test(last) && Array.isArray(solved) && solved.every((name) => typeof name === "string");
}
