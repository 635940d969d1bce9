/** TensorFlow.js as a contender, on its wasm (threads and SIMD) or its WebGL backend, written with its own fused ops. */
import * as tf from '@tensorflow/tfjs-core';
// A bundler would leave these out of the plain import.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgl';
import {
  batchSize,
  CannotError,
  pictures,
  type Contender,
  type NetName,
  type PlainNet,
  type Task,
} from '../../../site/src/bench/contender';

type Layer = PlainNet['layers'][number];
interface Weights {
  kernel: tf.Variable;
  bias: tf.Variable;
}

const activation = (layer: { relu: boolean }) => (layer.relu ? 'relu' : 'linear');

/** x: [n, h, w, c] or [n, k]; the last layer's answer is logits. */
function forward(net: PlainNet, weights: readonly (Weights | null)[], input: tf.Tensor): tf.Tensor {
  let x = input;
  net.layers.forEach((layer, i) => {
    const own = weights[i];
    if (layer.kind === 'conv' && own) {
      x = tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: own.kernel as tf.Tensor as tf.Tensor4D,
        bias: own.bias,
        strides: 1,
        pad: layer.padding,
        activation: activation(layer),
      });
    } else if (layer.kind === 'pool') {
      x = tf.maxPool(x as tf.Tensor4D, layer.size, layer.size, 'valid');
    } else if (layer.kind === 'flatten') {
      x = tf.reshape(x, [x.shape[0] ?? 1, -1]);
    } else if (layer.kind === 'dense' && own) {
      x = tf.fused.matMul({
        a: x as tf.Tensor2D,
        b: own.kernel as tf.Tensor as tf.Tensor2D,
        bias: own.bias,
        activation: activation(layer),
      });
    }
  });
  return x;
}

/** Glorot's uniform, as in Keras; shapes follow from a dry run of the sizes. */
function freshWeights(net: PlainNet): (Weights | null)[] {
  let shape = net.input;
  const make = (kernelShape: number[], units: number): Weights => {
    const receptive = kernelShape.slice(0, -2).reduce((product, size) => product * size, 1);
    const fanIn = receptive * (kernelShape[kernelShape.length - 2] ?? 1);
    const limit = Math.sqrt(6 / (fanIn + receptive * units));
    return {
      kernel: tf.variable(tf.randomUniform(kernelShape, -limit, limit, 'float32', 1)),
      bias: tf.variable(tf.zeros([units])),
    };
  };
  return net.layers.map((layer: Layer) => {
    const [h = 1, w = 1, c = 1] = shape;
    switch (layer.kind) {
      case 'conv': {
        const lost = (size: number) => (layer.padding === 'same' ? 0 : size - 1);
        shape = [h - lost(layer.size[0]), w - lost(layer.size[1]), layer.filters];
        return make([...layer.size, c, layer.filters], layer.filters);
      }
      case 'pool':
        shape = [Math.floor(h / layer.size[0]), Math.floor(w / layer.size[1]), c];
        return null;
      case 'flatten':
        shape = [shape.reduce((product, size) => product * size, 1)];
        return null;
      case 'dense': {
        const own = make([h, layer.units], layer.units);
        shape = [layer.units];
        return own;
      }
    }
  });
}

/** What the framework says when a backend has no kernel for an op, in training for a gradient. */
function lackOf(error: unknown): string | null {
  const text = error instanceof Error ? error.message : String(error);
  const kernel = /Kernel '([^']+)' not registered/.exec(text)?.[1];
  return kernel ? `no ${kernel} kernel` : null;
}

class Model {
  private readonly weights: (Weights | null)[];
  private readonly optimizer = tf.train.adam(1e-3);
  private readonly x: tf.Tensor;
  private readonly labels: tf.Tensor;
  private readonly pictures = pictures();

  constructor(private readonly net: PlainNet) {
    this.weights = freshWeights(net);
    this.x = tf.randomUniform([batchSize, ...net.input], 0, 1, 'float32', 2);
    this.labels = tf.oneHot(
      Array.from({ length: batchSize }, (_, i) => i % 10),
      10,
    );
  }

  private variables(): tf.Variable[] {
    return this.weights.flatMap((own) => (own ? [own.kernel, own.bias] : []));
  }

  /** One update; waits for its loss. */
  async step(): Promise<void> {
    const loss = this.optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(this.labels, forward(this.net, this.weights, this.x)) as tf.Scalar,
      true,
      this.variables(),
    );
    await loss?.data();
    loss?.dispose();
  }

  /** From numbers of the page to numbers of the page, as ours does it. */
  async predict(): Promise<void> {
    const answer = tf.tidy(() => {
      const x = tf.tensor(this.pictures, [batchSize, ...this.net.input]);
      return tf.softmax(forward(this.net, this.weights, x) as tf.Tensor2D);
    });
    await answer.data();
    answer.dispose();
  }

  dispose(): void {
    tf.dispose([this.x, this.labels, ...this.variables()]);
    this.optimizer.dispose();
  }
}

export class TensorFlowJs implements Contender {
  readonly name: string;
  private model: Model | null = null;

  private constructor(
    private readonly backend: 'wasm' | 'webgl',
    readonly about: string,
    private readonly nets: Record<NetName, PlainNet>,
  ) {
    this.name = `TensorFlow.js ${backend}`;
  }

  /** `folder`: where its .wasm files are served. */
  static async start(
    backend: 'wasm' | 'webgl',
    nets: Record<NetName, PlainNet>,
    options: { threads: number; folder: string },
  ): Promise<TensorFlowJs> {
    if (backend === 'wasm') {
      setWasmPaths(options.folder);
      setThreadsCount(options.threads);
    }
    if (!(await tf.setBackend(backend))) throw new CannotError(`TensorFlow.js has no ${backend} backend here`);
    await tf.ready();
    const how =
      backend === 'wasm'
        ? `wasm, ${(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')) ? `${options.threads} threads` : '1 thread'}, ${
            (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'no SIMD'
          }`
        : `WebGL ${tf.env().getNumber('WEBGL_VERSION')}`;
    return new TensorFlowJs(backend, `${tf.version_core}, ${how}`, nets);
  }

  async prepare(net: NetName, task: Task): Promise<void> {
    await tf.setBackend(this.backend);
    this.model?.dispose();
    const model = (this.model = new Model(this.nets[net]));
    try {
      await (task === 'train' ? model.step() : model.predict());
      await (task === 'train' ? model.step() : model.predict());
    } catch (error) {
      const lack = lackOf(error);
      throw lack === null ? error : new CannotError(lack);
    }
  }

  async measure(task: Task, seconds: number): Promise<number> {
    await tf.setBackend(this.backend);
    const { model } = this;
    if (!model) throw new Error('prepare() comes first');
    return rateOf(() => (task === 'train' ? model.step() : model.predict()), seconds);
  }
}

/** Images a second of a step that takes one batch. */
export async function rateOf(step: () => Promise<void>, seconds: number): Promise<number> {
  const begun = performance.now();
  let images = 0;
  do {
    await step();
    images += batchSize;
  } while (performance.now() - begun < seconds * 1000);
  return (images * 1000) / (performance.now() - begun);
}
