// @ts-check
// The settings of a run as a form. Python says which settings there are (digits.training_settings.describe).

import { meaning, term } from "../glossary.js";
import { find, make } from "../page.js";
import { layerEditor } from "./layer_editor.js";

/** @typedef {import("../python/training_client.js").Settings} Settings */
/** @typedef {import("./layer_editor.js").LayerKind} LayerKind */
/**
 * @typedef {object} Setting  its values are texts
 * @property {string} name @property {string} label  "" for a setting that is sent, but not shown @property {string} help
 * @property {"text" | "int" | "float" | "bool"} kind @property {string} default
 * @property {[string, string][]} choices  value and label; none for a setting without choices
 */
/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/**
 * @param {HTMLElement} place @param {Setting[]} settings @param {LayerKind[]} layerKinds
 */
export function settingsForm(place, settings, layerKinds) {
  const controls = settings.map(control);
  place.append(...settings.map((setting, i) => field(setting, controls[i])));
  const layers = /** @type {HTMLInputElement} */ (controls.find(({ name }) => name === "layers"));
  const editor = make("div", { id: "layers", role: "group", ariaLabel: "Layers" });
  layers.after(editor);
  const showLayers = layerEditor(editor, layers, layerKinds);

  return {
    /** @returns {Settings} */
    values: () => Object.fromEntries(controls.map(({ name, value }) => [name, value])),

    /** @param {Settings} values */
    fill(values) {
      for (const control of controls) {
        control.value = values[control.name];
        if (control.name === "rate-changes") fieldOf(control).hidden = !control.value;
      }
      showLayers();
    },

    /** Show each problem at its field. @param {Record<string, string>} problems  sentences by the settings' names */
    show(problems) {
      for (const control of controls) {
        const problem = problems[control.name] ?? "";
        const says = find(fieldOf(control), "small");
        says.textContent = problem && `${problem[0].toUpperCase()}${problem.slice(1)}.`;
        says.hidden = !problem;
        control.ariaInvalid = String(Boolean(problem));
      }
    },
  };
}

/** @param {Control} control */
const fieldOf = (control) => /** @type {HTMLElement} */ (control.closest(".field"));

/** @param {Setting} setting @returns {Control} */
function control({ name, label, help, kind, choices, default: value }) {
  const control = document.createElement(choices.length ? "select" : "input");
  control.append(...choices.map(([value, label]) => new Option(label, value)));
  Object.assign(control, { id: `setting-${name}`, name, value, title: meaning(label) ? "" : help });
  control.setAttribute("aria-describedby", `problem-${name}`);
  if (control instanceof HTMLInputElement) {
    if (name === "layers" || !label) control.type = "hidden";
    control.inputMode = kind === "int" ? "numeric" : kind === "float" ? "decimal" : "text";
  }
  return control;
}

/** @param {Setting} setting @param {Control} control */
function field({ name, label }, control) {
  const heading = make("span", {}, meaning(label) ? term(label) : label);
  const problem = make("small", { id: `problem-${name}`, hidden: true });
  const properties = { hidden: !label, data: { for: name } };
  if (name === "layers") return make("div", { className: "field wide", ...properties }, heading, control, problem);
  // Without `htmlFor`, the label would name the term in it.
  return make("label", { className: "field", htmlFor: control.id, ...properties }, heading, control, problem);
}
