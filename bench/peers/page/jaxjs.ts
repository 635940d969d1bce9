/** jax-js as a contender, on its wasm device: the whole step, gradients and Adam, is one jitted function. */
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import {
  batchSize,
  CannotError,
  pictures,
  type Contender,
  type NetName,
  type PlainNet,
  type Task,
} from '../../../site/src/bench/contender';
import { rateOf } from './tfjs';

type Weights = { kernel: np.Array; bias: np.Array };
type State = { weights: Weights[]; first: Weights[]; second: Weights[] };

/** x: [n, c, h, w] or [n, k]. Like every function here it owns its arguments: an array is used up unless its `ref` was given. */
function forward(net: PlainNet, weights: Weights[], input: np.Array): np.Array {
  let x = input;
  let next = 0;
  for (const layer of net.layers) {
    if (layer.kind === 'pool') x = lax.reduceWindow(x, (window) => np.max(window), layer.size, layer.size);
    if (layer.kind === 'flatten') x = x.reshape([x.shape[0] ?? 1, -1]);
    const own = layer.kind === 'conv' || layer.kind === 'dense' ? weights[next++] : undefined;
    if (layer.kind === 'conv' && own) {
      x = lax.convGeneralDilated(x, own.kernel, [1, 1], layer.padding === 'same' ? 'SAME' : 'VALID');
      x = x.add(own.bias.reshape([1, layer.filters, 1, 1]));
      if (layer.relu) x = nn.relu(x);
    }
    if (layer.kind === 'dense' && own) {
      x = np.matmul(x, own.kernel).add(own.bias);
      if (layer.relu) x = nn.relu(x);
    }
  }
  return x;
}

/** Uniform numbers from a small generator: the values play no part in the speed, but must not blow up. */
function numbers(shape: number[], limit: number): np.Array {
  let state = 12345;
  const size = shape.reduce((product, each) => product * each, 1);
  const values = Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 * limit - limit;
  });
  return np.array(values).reshape(shape);
}

/** Kernels are [filters, channels, kh, kw] and [in, out]. */
function freshWeights(net: PlainNet): Weights[] {
  let shape = channelsFirst(net.input);
  const weights: Weights[] = [];
  for (const layer of net.layers) {
    const [c = 1, h = 1, w = 1] = shape;
    switch (layer.kind) {
      case 'conv': {
        const [kh, kw] = layer.size;
        const lost = (size: number) => (layer.padding === 'same' ? 0 : size - 1);
        const limit = Math.sqrt(6 / (kh * kw * (c + layer.filters)));
        weights.push({
          kernel: numbers([layer.filters, c, kh, kw], limit),
          bias: np.zeros([layer.filters]),
        });
        shape = [layer.filters, h - lost(kh), w - lost(kw)];
        break;
      }
      case 'pool':
        shape = [c, Math.floor(h / layer.size[0]), Math.floor(w / layer.size[1])];
        break;
      case 'flatten':
        shape = [shape.reduce((product, size) => product * size, 1)];
        break;
      case 'dense':
        weights.push({
          kernel: numbers([c, layer.units], Math.sqrt(6 / (c + layer.units))),
          bias: np.zeros([layer.units]),
        });
        shape = [layer.units];
        break;
    }
  }
  return weights;
}

const channelsFirst = (shape: number[]): number[] =>
  shape.length === 3 ? [shape[2] ?? 1, shape[0] ?? 1, shape[1] ?? 1] : shape;

const zeros = (like: Weights[]): Weights[] =>
  like.map(({ kernel, bias }) => ({ kernel: np.zeros(kernel.shape), bias: np.zeros(bias.shape) }));

const [beta1, beta2] = [0.9, 0.999];

/** Adam for one array. `rate` already holds the bias correction of this step. */
function adam(value: np.Array, gradient: np.Array, first: np.Array, second: np.Array, rate: np.Array) {
  const m = first.mul(beta1).add(gradient.ref.mul(1 - beta1));
  const v = second.mul(beta2).add(np.square(gradient).mul(1 - beta2));
  const updated = value.sub(m.ref.mul(rate).div(np.sqrt(v.ref).add(1e-7)));
  return { value: updated, first: m, second: v };
}

function trainStep(net: PlainNet) {
  const lossOf = (weights: Weights[], x: np.Array, labels: np.Array) =>
    nn
      .logSoftmax(forward(net, weights, x))
      .mul(labels)
      .sum()
      .mul(-1 / batchSize);
  const gradientOf = valueAndGrad(lossOf);
  return jit((state: State, x: np.Array, labels: np.Array, rate: np.Array) => {
    const kept = state.weights.map(({ kernel, bias }) => ({ kernel: kernel.ref, bias: bias.ref }));
    const [loss, gradients] = gradientOf(kept, x, labels);
    const next: State = { weights: [], first: [], second: [] };
    state.weights.forEach((own, i) => {
      const [gradient, m, v] = [gradients[i], state.first[i], state.second[i]];
      if (!gradient || !m || !v) return;
      const kernel = adam(own.kernel, gradient.kernel, m.kernel, v.kernel, rate.ref);
      const bias = adam(own.bias, gradient.bias, m.bias, v.bias, rate.ref);
      next.weights.push({ kernel: kernel.value, bias: bias.value });
      next.first.push({ kernel: kernel.first, bias: bias.first });
      next.second.push({ kernel: kernel.second, bias: bias.second });
    });
    rate.dispose();
    return [next, loss] as [State, np.Array];
  });
}

class Model {
  private readonly x: np.Array;
  private readonly shape: number[];
  private readonly pictures = pictures();
  private readonly labels: np.Array;
  private state: State;
  private steps = 0;
  private readonly train: ReturnType<typeof trainStep>;
  private readonly ask: (weights: Weights[], x: np.Array) => np.Array;

  constructor(net: PlainNet) {
    const weights = freshWeights(net);
    this.state = { weights, first: zeros(weights), second: zeros(weights) };
    this.shape = [batchSize, ...channelsFirst(net.input)];
    this.x = numbers(this.shape, 1);
    const ones = new Float32Array(batchSize * 10);
    for (let i = 0; i < batchSize; i++) ones[i * 10 + (i % 10)] = 1;
    this.labels = np.array(ones).reshape([batchSize, 10]);
    this.train = trainStep(net);
    this.ask = jit((own: Weights[], x: np.Array) => nn.softmax(forward(net, own, x)));
  }

  async step(): Promise<void> {
    this.steps++;
    const rate = (1e-3 * Math.sqrt(1 - beta2 ** this.steps)) / (1 - beta1 ** this.steps);
    const [state, loss] = this.train(this.state, this.x.ref, this.labels.ref, np.array(rate));
    this.state = state;
    await loss.data();
  }

  /** Until nothing of the last step is still at work, which would slow whoever is next. */
  async settle(): Promise<void> {
    for (const part of [this.state.weights, this.state.first, this.state.second])
      for (const { kernel, bias } of part) await Promise.all([kernel.ref.data(), bias.ref.data()]);
  }

  /** From numbers of the page to numbers of the page, as ours does it. */
  async predict(): Promise<void> {
    const kept = this.state.weights.map(({ kernel, bias }) => ({ kernel: kernel.ref, bias: bias.ref }));
    await this.ask(kept, np.array(this.pictures).reshape(this.shape)).data();
  }
}

export class JaxJs implements Contender {
  readonly name = 'jax-js';
  private readonly models = new Map<NetName, Model>();
  private current: Model | null = null;

  private constructor(
    readonly about: string,
    private readonly nets: Record<NetName, PlainNet>,
  ) {}

  static async start(nets: Record<NetName, PlainNet>, version: string): Promise<JaxJs> {
    if (!(await init('wasm')).includes('wasm')) throw new CannotError('jax-js has no wasm device here');
    defaultDevice('wasm');
    return new JaxJs(`${version}, wasm, ${navigator.hardwareConcurrency} threads`, nets);
  }

  async prepare(net: NetName, task: Task): Promise<void> {
    const model = this.models.get(net) ?? new Model(this.nets[net]);
    this.models.set(net, model);
    this.current = model;
    await (task === 'train' ? model.step() : model.predict());
    await (task === 'train' ? model.step() : model.predict());
  }

  async measure(task: Task, seconds: number): Promise<number> {
    const model = this.current;
    if (!model) throw new Error('prepare() comes first');
    const rate = await rateOf(() => (task === 'train' ? model.step() : model.predict()), seconds);
    await model.settle();
    return rate;
  }
}
