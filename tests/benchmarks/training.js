// @ts-check
// Training the same network with several libraries: `contenders[name](count, batch)` returns the seconds it took.
//
// The network is 784-128-64-10 with ReLU, softmax cross-entropy and Adam, float32, with He initialization. It is trained
// on `count` examples once, after a few to warm up; in our training rooms, a run continues for so many examples.

/* global tf, convnetjs */

const WIDTHS = [784, 128, 64, 10];
const RATE = 1e-3;
const STEPS_PER_EPOCH = 453; // 58,000 images in batches of 128
const EPOCH = 60_000 / 128;

/** @type {Float32Array} 0…1, 784 an image */
let images;
/** @type {Uint8Array} */
let labels;

/** @type {Record<string, (count: number, batch: number) => Promise<number>>} */
const contenders = {
  "TensorFlow.js WASM, raw loop": (...size) => using("wasm", tensorflowRaw, size),
  "TensorFlow.js WASM, fit": (...size) => using("wasm", tensorflowFit, size),
  "TensorFlow.js WebGL, raw loop": (...size) => using("webgl", tensorflowRaw, size),
  "TensorFlow.js CPU, raw loop": (...size) => using("cpu", tensorflowRaw, size),
  ConvNetJS: convnet,
};

/** Our training rooms, by the name of the contender. @type {Record<string, HTMLIFrameElement>} */
const rooms = {};

/** Load MNIST and open our pages. @param {Record<string, string>} folders  by name @param {number} batch */
async function start(folders, batch) {
  const [pixels, answers] = await Promise.all(
    [
      ["train-images-idx3-ubyte", 16],
      ["train-labels-idx1-ubyte", 8],
    ].map(async ([file, header]) => new Uint8Array(await (await fetch(`/vendor/mnist/${file}`)).arrayBuffer(), Number(header))),
  );
  images = Float32Array.from(pixels, (gray) => gray / 255);
  labels = answers;
  tf.wasm.setWasmPaths("/vendor/benchmark/");
  for (const [name, folder] of Object.entries(folders)) {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.src = `/rooms/${folder}/?room=train&schedule=constant&learning-rate=${RATE}&batch=${batch}&epochs=500`;
    rooms[name] = frame;
    show(frame);
    await until(() => inRoom(frame, "#plan")?.textContent);
    await begin(frame);
    press(frame, "train-pause");
    contenders[name] = (count) => continued(frame, count / batch);
  }
}

// Our page is used as a person would use it: by its buttons and by what it shows.

/** @param {HTMLIFrameElement} frame @param {string} selector @returns {HTMLElement | null | undefined} */
const inRoom = (frame, selector) => frame.contentDocument?.querySelector(selector);

/** @param {HTMLIFrameElement} frame @param {string} id */
const press = (frame, id) => inRoom(frame, `#${id}`)?.click();

/** @param {HTMLIFrameElement} frame @param {string} metric */
const shown = (frame, metric) => Number(inRoom(frame, `[data-metric=${metric}]`)?.dataset.value ?? 0);

/** The number of steps so far. @param {HTMLIFrameElement} frame */
const steps = (frame) => Math.round(shown(frame, "epoch") * STEPS_PER_EPOCH);

/** Show this room and hide the others. @param {HTMLIFrameElement} frame */
function show(frame) {
  for (const other of Object.values(rooms)) other.classList.toggle("shown", other === frame);
}

/** Start the run from the beginning. @param {HTMLIFrameElement} frame */
async function begin(frame) {
  show(frame);
  press(frame, inRoom(frame, "#train")?.dataset.stage === "none" ? "train-start" : "train-over");
  await until(() => inRoom(frame, "#train")?.dataset.stage === "running" && steps(frame) > 0 && steps(frame) < 100);
}

/** Continue a run for `wanted` steps and pause it. The time of its tests does not count. */
async function continued(/** @type {HTMLIFrameElement} */ frame, /** @type {number} */ wanted) {
  show(frame);
  press(frame, "train-start");
  await until(() => inRoom(frame, "#train")?.dataset.stage === "running");
  let done = 0,
    time = 0,
    before = await report(frame);
  while (done < wanted) {
    const now = await report(frame);
    if (now.test === before.test) {
      done += now.step - before.step;
      time += now.time - before.time;
    }
    before = now;
  }
  press(frame, "train-pause");
  await until(() => inRoom(frame, "#train")?.dataset.stage === "paused");
  return ((time / 1e3) * wanted) / done;
}

/** Train on 60,000 images from the start, including the tests. @param {string} name @returns {Promise<number>} seconds */
async function epochSeconds(name) {
  const frame = rooms[name];
  await begin(frame);
  const first = await report(frame);
  let last = first;
  while (last.step < first.step + EPOCH) last = await report(frame);
  press(frame, "train-pause");
  return ((last.time - first.time) / 1e3) * (EPOCH / (last.step - first.step));
}

/** Wait for the next report that the room shows. @param {HTMLIFrameElement} frame @returns {Promise<{ step: number, test: number, time: number }>} */
async function report(frame) {
  const before = steps(frame);
  await until(() => steps(frame) !== before);
  return { step: steps(frame), test: shown(frame, "test-accuracy"), time: performance.now() };
}

/** @param {() => unknown} condition  checked in each frame */
async function until(condition) {
  while (!condition()) await new Promise(requestAnimationFrame);
}

/**
 * @param {string} backend of TensorFlow.js
 * @param {(count: number, batch: number) => Promise<number>} train
 * @param {[number, number]} size
 */
async function using(backend, train, size) {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  return train(...size);
}

/** `count` examples from `start` on, as tensors. @param {number} start @param {number} count */
function examples(start, count) {
  const x = tf.tensor2d(images.subarray(start * WIDTHS[0], (start + count) * WIDTHS[0]), [count, WIDTHS[0]]);
  const answers = tf.tensor1d(Array.from(labels.subarray(start, start + count)), "int32");
  return [x, tf.oneHot(answers, 10).toFloat()];
}

/** TensorFlow.js as in its guides. @param {number} count @param {number} batch */
async function tensorflowFit(count, batch) {
  const model = tf.sequential();
  for (let i = 1; i < WIDTHS.length; i++) {
    const activation = i < WIDTHS.length - 1 ? "relu" : "softmax";
    model.add(tf.layers.dense({ units: WIDTHS[i], activation, inputDim: WIDTHS[i - 1], kernelInitializer: "heNormal" }));
  }
  model.compile({ optimizer: tf.train.adam(RATE), loss: "categoricalCrossentropy" });
  const few = examples(0, 3 * batch),
    all = examples(0, count);
  const options = { batchSize: batch, epochs: 1, shuffle: false, yieldEvery: "never" };
  await model.fit(few[0], few[1], options);
  const start = performance.now();
  await model.fit(all[0], all[1], options);
  const seconds = (performance.now() - start) / 1e3;
  model.dispose();
  tf.dispose([few, all]);
  return seconds;
}

/** TensorFlow.js at its fastest: a loop over `minimize` without layers, with prepared batches. @param {number} count @param {number} batch */
async function tensorflowRaw(count, batch) {
  const variables = WIDTHS.slice(1).flatMap((units, i) => [
    tf.variable(tf.randomNormal([WIDTHS[i], units], 0, Math.sqrt(2 / WIDTHS[i]))),
    tf.variable(tf.zeros([units])),
  ]);
  const [w1, b1, w2, b2, w3, b3] = variables;
  const optimizer = tf.train.adam(RATE);
  /** @param {any[]} batch */
  const step = ([x, y]) =>
    optimizer.minimize(
      () => {
        const h1 = tf.relu(tf.add(tf.matMul(x, w1), b1));
        const h2 = tf.relu(tf.add(tf.matMul(h1, w2), b2));
        return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(h2, w3), b3));
      },
      true,
      variables,
    );
  const batches = Array.from({ length: Math.floor(count / batch) }, (_, i) => examples(i * batch, batch));
  for (const each of batches.slice(0, 3)) step(each).dispose();
  const start = performance.now();
  let loss;
  for (const each of batches) {
    loss?.dispose();
    loss = step(each);
  }
  await loss.data(); // waits until WebGL is done
  const seconds = (performance.now() - start) / 1e3;
  tf.dispose([loss, batches, variables]);
  optimizer.dispose();
  return seconds;
}

/** @param {number} count @param {number} batch */
async function convnet(count, batch) {
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: WIDTHS[0] },
    { type: "fc", num_neurons: WIDTHS[1], activation: "relu" },
    { type: "fc", num_neurons: WIDTHS[2], activation: "relu" },
    { type: "softmax", num_classes: WIDTHS[3] },
  ]);
  const trainer = new convnetjs.Trainer(net, { method: "adam", learning_rate: RATE, batch_size: batch, l2_decay: 0 });
  const image = new convnetjs.Vol(1, 1, WIDTHS[0]);
  /** @param {number} examples */
  const train = (examples) => {
    for (let i = 0; i < examples; i++) {
      image.w.set(images.subarray(i * WIDTHS[0], (i + 1) * WIDTHS[0]));
      trainer.train(image, labels[i]);
    }
  };
  train(batch);
  const start = performance.now();
  train(count);
  return (performance.now() - start) / 1e3;
}

Object.assign(window, { contenders, start, epochSeconds });
