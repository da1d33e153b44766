// @ts-check
// Training the same network with several libraries: `contenders[name](count, batch)` returns the seconds it took.
//
// The network is 784-128-64-10 or 28x28-conv16-pool-conv32-pool-128-10, with ReLU, softmax cross-entropy and Adam, float32,
// with He initialization. It is trained on `count` examples once, after a few to warm up; in our training rooms, a run
// continues for so many examples.

/* global tf, convnetjs */

const WIDTHS = [784, 128, 64, 10];
const RATE = 1e-3;
const STEPS_PER_EPOCH = 453; // 58,000 images in batches of 128
const EPOCH = 60_000 / 128;
const JAX = "/vendor/benchmark/jax.js";

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
  "jax-js, one thread": jax, // on a page of its own, without cross-origin isolation
  "jax-js, all threads": jax,
  ConvNetJS: convnet,
};

/** Whether the convolutional network is trained. */
let convolutional = false;
/** The widths of its layers: two convolutions of 3 × 3, each followed by a max pooling, and two dense layers. */
const CONVOLUTIONAL = [16, 32, 128, 10];
const LAYERS = "28x28-conv16-pool-conv32-pool-128-10";

/** Our training rooms, by the name of the contender. @type {Record<string, HTMLIFrameElement>} */
const rooms = {};

/**
 * Load MNIST and open our pages.
 * @param {Record<string, string>} folders  by name @param {number} batch @param {boolean} wantsConvolutions
 */
async function start(folders, batch, wantsConvolutions) {
  convolutional = wantsConvolutions;
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
    const layers = convolutional ? LAYERS : WIDTHS.join("-");
    frame.src = `/rooms/${folder}/?room=train&layers=${layers}&schedule=constant&learning-rate=${RATE}&batch=${batch}&epochs=500`;
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

/**
 * Wait for the next report that the room shows.
 * @param {HTMLIFrameElement} frame @returns {Promise<{ step: number, test: number, time: number }>}
 */
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

/**
 * Parameters with He initialization, and the logits computed with them.
 * @returns {{ variables: any[], logits: (x: any) => any }}
 */
function tensorflowNetwork() {
  /** @type {number[][]} the shapes of the weights */
  let shapes = WIDTHS.slice(1).map((units, i) => [WIDTHS[i], units]);
  if (convolutional) {
    const [first, second, dense, classes] = CONVOLUTIONAL;
    shapes = [
      [3, 3, 1, first],
      [3, 3, first, second],
      [7 * 7 * second, dense],
      [dense, classes],
    ];
  }
  const variables = shapes.flatMap((shape) => {
    const inputs = shape.slice(0, -1).reduce((product, size) => product * size);
    return [tf.variable(tf.randomNormal(shape, 0, Math.sqrt(2 / inputs))), tf.variable(tf.zeros(shape.slice(-1)))];
  });
  return {
    variables,
    logits(x) {
      let y = convolutional ? tf.reshape(x, [-1, 28, 28, 1]) : x;
      for (let i = 0; i < shapes.length; i++) {
        const [weights, bias] = variables.slice(2 * i);
        if (shapes[i].length === 4) y = tf.maxPool(tf.add(tf.conv2d(y, weights, 1, "same"), bias), 2, 2, "valid");
        else y = tf.add(tf.matMul(tf.reshape(y, [-1, shapes[i][0]]), weights), bias);
        if (i < shapes.length - 1) y = tf.relu(y);
      }
      return y;
    },
  };
}

/**
 * TensorFlow.js at its fastest: a loop over `minimize` without layers, with prepared batches.
 * @param {number} count @param {number} batch
 */
async function tensorflowRaw(count, batch) {
  const { variables, logits } = tensorflowNetwork();
  const optimizer = tf.train.adam(RATE);
  /** @param {any[]} batch */
  const step = ([x, y]) => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, logits(x)), true, variables);
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
  const side = convolutional ? 28 : 1;
  const [first, second, dense] = CONVOLUTIONAL;
  const hidden = convolutional
    ? [
        { type: "conv", sx: 3, pad: 1, filters: first, activation: "relu" },
        { type: "pool", sx: 2, stride: 2 },
        { type: "conv", sx: 3, pad: 1, filters: second, activation: "relu" },
        { type: "pool", sx: 2, stride: 2 },
        { type: "fc", num_neurons: dense, activation: "relu" },
      ]
    : WIDTHS.slice(1, -1).map((units) => ({ type: "fc", num_neurons: units, activation: "relu" }));
  const input = { type: "input", out_sx: side, out_sy: side, out_depth: convolutional ? 1 : WIDTHS[0] };
  net.makeLayers([input, ...hidden, { type: "softmax", num_classes: 10 }]);
  const trainer = new convnetjs.Trainer(net, { method: "adam", learning_rate: RATE, batch_size: batch, l2_decay: 0 });
  const image = new convnetjs.Vol(side, side, input.out_depth);
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

/** jax-js, whose whole step is one compiled function. @param {number} count @param {number} batch */
async function jax(count, batch) {
  const { init, defaultDevice, jit, valueAndGrad, nn, numpy, blockUntilReady } = await import(JAX);
  await init("wasm");
  defaultDevice("wasm");
  const array = (/** @type {Float32Array} */ data, /** @type {number[]} */ shape) => numpy.array(data).reshape(shape);
  /** @type {(parameters: any[], x: any, y: any) => any} */
  const loss = ([w1, b1, w2, b2, w3, b3], x, y) => {
    const h1 = nn.relu(numpy.matmul(x, w1).add(b1));
    const h2 = nn.relu(numpy.matmul(h1, w2).add(b2));
    return nn
      .logSoftmax(numpy.matmul(h2, w3).add(b3))
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
  // Adam; `ref` keeps an array for a second use, every other use disposes of it.
  /** @type {(parameters: any[], m: any[], v: any[], rate: any, x: any, y: any) => any} */
  const update = (parameters, m, v, rate, x, y) => {
    const [value, gradients] = valueAndGrad(loss)(
      parameters.map((array) => array.ref),
      x,
      y,
    );
    const mean = m.map((array, i) => array.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const square = v.map((array, i) => array.mul(0.999).add(gradients[i].ref.mul(gradients[i]).mul(0.001)));
    const moved = parameters.map((array, i) => array.sub(mean[i].ref.mul(rate.ref).div(numpy.sqrt(square[i].ref).add(1e-8))));
    return [value, moved, mean, square];
  };
  const step = jit(update);
  const deviation = (/** @type {number} */ inputs) => Math.sqrt(6 / inputs); // of a uniform distribution: He's variance
  let parameters = WIDTHS.slice(1).flatMap((units, i) => [
    array(
      Float32Array.from({ length: WIDTHS[i] * units }, () => (2 * Math.random() - 1) * deviation(WIDTHS[i])),
      [WIDTHS[i], units],
    ),
    numpy.zeros([units]),
  ]);
  let [m, v] = [0, 1].map(() => parameters.map(({ shape }) => numpy.zeros(shape)));
  const batches = Array.from({ length: Math.floor(count / batch) }, (_, i) => {
    const targets = new Float32Array(10 * batch);
    for (let row = 0; row < batch; row++) targets[10 * row + labels[i * batch + row]] = 1;
    const pixels = images.slice(i * batch * WIDTHS[0], (i + 1) * batch * WIDTHS[0]);
    return [array(pixels, [batch, WIDTHS[0]]), array(targets, [batch, 10])];
  });
  let steps = 0;
  /** @param {any[]} batch */
  const train = ([x, y]) => {
    steps += 1;
    const rate = numpy.array([(RATE * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps)]);
    let value;
    [value, parameters, m, v] = step(parameters, m, v, rate, x, y);
    value.dispose();
  };
  for (const [x, y] of batches.slice(0, 3)) train([x.ref, y.ref]);
  await blockUntilReady(parameters);
  const start = performance.now();
  for (const each of batches) train(each);
  await blockUntilReady(parameters);
  const seconds = (performance.now() - start) / 1e3;
  for (const array of [...parameters, ...m, ...v]) array.dispose();
  return seconds;
}

Object.assign(window, { contenders, start, epochSeconds });
