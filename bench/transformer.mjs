// Tokens a second of training a transformer encoder through the command line: layers of MultiHeadAttention and a
// two-layer network, each added to its input and normalised, then the mean over the sequence and 10 classes.
//   node bench/transformer.mjs [build/native/trainyard] [--threads 2] [--batch 32] [--epochs 3] [--layers 2] ...
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const options = {threads: 2, batch: 32, epochs: 3, layers: 2, width: 128, heads: 4, hidden: 512, sequence: 64, samples: 512};
let program = 'build/native/trainyard';
for (let i = 2; i < process.argv.length; ++i) {
  const name = process.argv[i].replace(/^--/, '');
  if (name in options) options[name] = Number(process.argv[++i]);
  else program = process.argv[i];
}

const tensor = (layer) => ({class_name: '__keras_tensor__', config: {keras_history: [layer, 0, 0]}});
const layers = [];
const add = (class_name, name, config, args) => {
  layers.push({class_name, name, config: {...config, name}, inbound_nodes: args.length ? [{args, kwargs: {}}] : []});
  return name;
};

let x = add('InputLayer', 'x', {batch_shape: [null, options.sequence, options.width]}, []);
for (let l = 0; l < options.layers; ++l) {
  const seen = add('MultiHeadAttention', `attention_${l}`, {num_heads: options.heads, key_dim: options.width / options.heads}, [tensor(x), tensor(x)]);
  const sum = add('Add', `add_${l}`, {}, [[tensor(x), tensor(seen)]]);
  const normal = add('LayerNormalization', `normal_${l}`, {}, [tensor(sum)]);
  const wide = add('Dense', `wide_${l}`, {units: options.hidden, activation: 'relu'}, [tensor(normal)]);
  const narrow = add('Dense', `narrow_${l}`, {units: options.width}, [tensor(wide)]);
  const both = add('Add', `both_${l}`, {}, [[tensor(normal), tensor(narrow)]]);
  x = add('LayerNormalization', `normal_again_${l}`, {}, [tensor(both)]);
}
const pooled = add('GlobalAveragePooling1D', 'mean', {}, [tensor(x)]);
add('Dense', 'y', {units: 10, activation: 'softmax'}, [tensor(pooled)]);
const model = {class_name: 'Functional', config: {name: 'transformer', layers, input_layers: [['x', 0, 0]], output_layers: [['y', 0, 0]]}};

/// A safetensors file of the samples and their labels.
function samplesFile(path) {
  const {samples, sequence, width} = options;
  const values = new Float32Array(samples * sequence * width);
  let state = 1;
  for (let i = 0; i < values.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  const labels = Int32Array.from({length: samples}, (_, i) => i % 10);
  const header = Buffer.from(JSON.stringify({
    x: {dtype: 'F32', shape: [samples, sequence, width], data_offsets: [0, values.byteLength]},
    y: {dtype: 'I32', shape: [samples], data_offsets: [values.byteLength, values.byteLength + labels.byteLength]},
  }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([size, header, Buffer.from(values.buffer), Buffer.from(labels.buffer)]));
}

const folder = mkdtempSync(join(tmpdir(), 'trainyard-transformer-'));
try {
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  samplesFile(join(folder, 'samples.safetensors'));
  const run = spawnSync(program, ['train', join(folder, 'model.json'), '--data', join(folder, 'samples.safetensors'), '--batch-size', String(options.batch),
    '--epochs', String(options.epochs), '--threads', String(options.threads), '--json'], {encoding: 'utf8'});
  const rates = [...(run.stdout ?? '').matchAll(/"images_per_second":\s*([0-9.e+]+)/g)].map((m) => Number(m[1]));
  if (run.status !== 0 || rates.length === 0) throw new Error(`${program}: ${run.stderr || run.stdout || run.error}`);
  const best = Math.max(...rates);
  console.log(JSON.stringify({...options, sequences_per_second: Math.round(best), tokens_per_second: Math.round(best * options.sequence)}));
} finally {
  rmSync(folder, {recursive: true});
}
