/** Losses and metrics of networks with several outputs; what can be asked of a network; the first rows of a file. */
import { describe, expect, it } from 'vitest';
import type { DatasetInfo, Diagnosis } from '@trainyard/types';
import { replaceSettings } from '../../src/commands/edits';
import { autoencoder, lstmOverRows } from '../../src/engine/templateModels';
import { opinions, sentencesCsv } from '../../src/engine/sentences';
import { outputNames } from '../../src/graph/ends';
import { fromKeras } from '../../src/graph/keras';
import type { Layer } from '../../src/graph/types';
import { accuracyOf, addEpoch, emptyCurve } from '../../src/state/curve';
import { fitOptions, trainSettings } from '../../src/state/fitOptions';
import { previewOf } from '../../src/state/preview';
import { questionKind } from '../../src/state/question';

const doc = fromKeras(autoencoder);
const isInput = (layer: Layer) => layer.className === 'InputLayer';
const settings = (values: Parameters<typeof replaceSettings>[2]) =>
  trainSettings(replaceSettings(doc, 'train.', values), null, null);

describe('a network with several outputs', () => {
  it('names them in the order of the model, those in the middle too', () => {
    expect(outputNames(doc, isInput)).toEqual(['digit', 'copy']);
  });

  it('has a target for the first of them unless told otherwise', () => {
    expect(settings({}).loss).toMatchObject({ digit: { class_name: 'SparseCategoricalCrossentropy' } });
    expect(settings({}).metrics).toEqual({ digit: ['accuracy'] });
  });

  it('gives a loss of one output to the first, and drops those of outputs that are gone', () => {
    expect(settings({ 'train.loss': 'mse' }).loss).toEqual({ digit: 'mse' });
    expect(settings({ 'train.loss': { copy: 'mae', gone: 'mse' } }).loss).toEqual({ copy: 'mae' });
    expect(settings({ 'train.loss': { gone: 'mse' } }).loss).toMatchObject({ digit: {} });
  });

  it('hands on weights of losses that are its own', () => {
    const options = fitOptions(settings({ 'train.loss_weights': { digit: 2, gone: 3 } }), true);
    expect(options.loss_weights).toEqual({ digit: 2 });
  });

  it('finds the accuracy of an output, in training and in validation', () => {
    const logs = { loss: 1, val_digit_accuracy: 0.5, digit_accuracy: 0.25 };
    expect(accuracyOf(logs)).toBe(0.25);
    expect(accuracyOf(logs, 'val_')).toBe(0.5);
  });
});

describe('fit options', () => {
  it('leave out class weights of one, and send callbacks on', () => {
    const one = replaceSettings(fromKeras(lstmOverRows), 'train.', {
      'train.class_weight': { 0: 1, 3: 2.5 },
      'train.callbacks': ['TerminateOnNaN'],
    });
    const options = fitOptions(trainSettings(one, null, null), true);
    expect(options.class_weight).toEqual({ 3: 2.5 });
    expect(options.callbacks).toEqual(['TerminateOnNaN']);
    expect(fitOptions(settings({}), true)).not.toHaveProperty('callbacks');
  });
});

it('an epoch too short for a report is a point of the curve all the same', () => {
  const end = (epoch: number) => ({ epoch, logs: { loss: 2 - epoch, accuracy: epoch / 2 }, seconds: 0.001 });
  const curve = addEpoch(addEpoch(emptyCurve, end(0)), end(1));
  expect(curve.points).toEqual([
    { x: 1, loss: 2, accuracy: 0 },
    { x: 2, loss: 1, accuracy: 0.5 },
  ]);
});

describe('a question by hand', () => {
  const asking = (...dtypes: string[]) =>
    ({ inputs: dtypes.map((dtype) => ({ name: 'x', shape: [null, 1], dtype })) }) as Diagnosis;
  const data = (...shape: number[]) => ({ input_shape: shape }) as DatasetInfo;

  it('follows what the network reads, then what the data is', () => {
    expect(questionKind(asking('string'), data(0))).toBe('text');
    expect(questionKind(asking('string', 'float32'), data(3))).toBe('several');
    expect(questionKind(asking('float32'), data(28, 28, 1))).toBe('picture');
    expect(questionKind(asking('float32', 'float32'), data(4))).toBe('row');
    expect(questionKind(null, null)).toBe('picture');
  });
});

describe('opinions', () => {
  it('are the same for the same seed, and about as often good as bad', () => {
    expect(sentencesCsv(50, 3)).toBe(sentencesCsv(50, 3));
    expect(sentencesCsv(50, 3)).not.toBe(sentencesCsv(50, 4));
    const good = opinions(2000, 1).filter(({ opinion }) => opinion === 'good').length;
    expect(good).toBeGreaterThan(900);
    expect(good).toBeLessThan(1100);
  });

  it('turn round at a "not"', () => {
    const all = opinions(2000, 1);
    const lovely = all.filter(({ text }) => / was (?!not)(\w+ )?lovely/.test(text));
    const notLovely = all.filter(({ text }) => / was not (\w+ )?lovely/.test(text));
    expect(lovely.length * notLovely.length).toBeGreaterThan(0);
    expect(new Set(lovely.map(({ opinion }) => opinion))).toEqual(new Set(['good']));
    expect(new Set(notLovely.map(({ opinion }) => opinion))).toEqual(new Set(['bad']));
  });
});

describe('the first rows of a file', () => {
  const file = (text: string) =>
    previewOf({ kind: 'files', files: [{ name: 'a.csv', bytes: new TextEncoder().encode(text).buffer }] }, 2);

  it('are split at the mark that the header has most of, with quotes taken off', () => {
    expect(file('text;label\r\n"a; ""b"", c";1\r\n\r\nx,y;0\r\nz;1\r\n')).toEqual({
      header: ['text', 'label'],
      rows: [
        ['a; "b", c', '1'],
        ['x,y', '0'],
      ],
    });
  });

  it('are not looked for in packed files or other data', () => {
    expect(previewOf({ kind: 'iris' })).toBeNull();
    const packed = Uint8Array.from([0x1f, 0x8b, 8, 0]).buffer;
    expect(previewOf({ kind: 'files', files: [{ name: 'a.csv.gz', bytes: packed }] })).toBeNull();
  });
});
