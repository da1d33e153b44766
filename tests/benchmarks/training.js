// @ts-check
// Training the same network with several libraries: `contenders[name](count, batch)` answers with seconds.
//
// The network is 784-128-64-10 with ReLU, softmax cross-entropy and Adam, float32, its weights drawn as He et al. do.
// `count` examples go through it once, after a few to warm up.

/* global tf, convnetjs */

const WIDTHS = [784, 128, 64, 10];
const RATE = 1e-3;

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

/** Reads MNIST, and boots one Pyodide for each kernel. @param {Record<string, string | null>} kernels */
async function start(kernels) {
  const [pixels, answers] = await Promise.all(
    [["train-images-idx3-ubyte", 16], ["train-labels-idx1-ubyte", 8]].map(async ([file, header]) =>
      new Uint8Array(await (await fetch(`/vendor/mnist/${file}`)).arrayBuffer(), Number(header)),
    ),
  );
  images = Float32Array.from(pixels, (grey) => grey / 255);
  labels = answers;
  tf.wasm.setWasmPaths("/vendor/benchmark/");
  for (const [name, kernel] of Object.entries(kernels)) {
    const worker = new Worker("training_worker.js", { type: "module" });
    await ask(worker, { kernel, pixels, labels });
    contenders[name] = async (count, batch) => (await ask(worker, { count, batch })).seconds;
  }
}

/** @param {Worker} worker @param {object} request @returns {Promise<any>} */
function ask(worker, request) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(request);
  });
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

/** The examples from `start` on, as tensors. @param {number} start @param {number} count */
function examples(start, count) {
  const x = tf.tensor2d(images.subarray(start * WIDTHS[0], (start + count) * WIDTHS[0]), [count, WIDTHS[0]]);
  const answers = tf.tensor1d(Array.from(labels.subarray(start, start + count)), "int32");
  return [x, tf.oneHot(answers, 10).toFloat()];
}

/** TensorFlow.js as its guides teach it. @param {number} count @param {number} batch */
async function tensorflowFit(count, batch) {
  const model = tf.sequential();
  for (let i = 1; i < WIDTHS.length; i++) {
    const activation = i < WIDTHS.length - 1 ? "relu" : "softmax";
    model.add(tf.layers.dense({ units: WIDTHS[i], activation, inputDim: WIDTHS[i - 1], kernelInitializer: "heNormal" }));
  }
  model.compile({ optimizer: tf.train.adam(RATE), loss: "categoricalCrossentropy" });
  const few = examples(0, 3 * batch), all = examples(0, count);
  const options = { batchSize: batch, epochs: 1, shuffle: false, yieldEvery: "never" };
  await model.fit(few[0], few[1], options);
  const start = performance.now();
  await model.fit(all[0], all[1], options);
  const seconds = (performance.now() - start) / 1e3;
  model.dispose();
  tf.dispose([few, all]);
  return seconds;
}

/** TensorFlow.js at its fastest: no layers, a loop over `minimize`, the batches ready. @param {number} count @param {number} batch */
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
  await loss.data(); // on WebGL, wait until all of it is done
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

Object.assign(window, { contenders, start });
