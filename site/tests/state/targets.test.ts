/** What outputs learn unless told otherwise, and what they may be told. */
import { describe, expect, it } from 'vitest';
import type { DatasetInfo, Diagnosis, Json } from '@trainyard/types';
import { replaceSettings } from '../../src/commands/edits';
import { templateSettings } from '../../src/engine/templates';
import { templateNamed } from '../../src/engine/templateTable';
import { autoencoder, functional, twoInputsTwoOutputs } from '../../src/engine/templateModels';
import { fromKeras } from '../../src/graph/keras';
import { fitOptions, trainSettings, weighsClasses } from '../../src/state/fitOptions';
import { defaultTarget, targetChoices } from '../../src/state/targets';

const digits = {
  input_shape: [28, 28, 1],
  labels: '0123456789'.split(''),
  train_count: 5000,
  columns: [],
} as unknown as DatasetInfo;
const flowers = {
  input_shape: [4],
  labels: ['a', 'b', 'c'],
  train_count: 120,
  features: ['length', 'width', 'height', 'colour=red'],
  columns: ['length', 'width', 'height'],
} as unknown as DatasetInfo;

const diagnosis = (...shapes: (number | null)[][]) =>
  ({ outputs: shapes.map((shape, index) => ({ name: `o${index}`, shape, dtype: 'float32' })) }) as Diagnosis;

describe('an output', () => {
  it('that gives as many numbers as a sample has learns the sample', () => {
    expect(defaultTarget(digits, [null, 784], 1)).toBe('input');
    expect(defaultTarget(digits, [null, 28, 28, 1], 0)).toBe('input');
    expect(defaultTarget(digits, [null, 10], 0)).toBe('label');
    expect(defaultTarget(digits, [null, 10], 1)).toBe('label');
  });

  it('that comes first learns the label of a table, whatever its size', () => {
    expect(defaultTarget(flowers, [null, 4], 0)).toBe('label');
    expect(defaultTarget(flowers, [null, 4], 1)).toBe('input');
    expect(defaultTarget(null, undefined, 0)).toBe('label');
  });

  it('may learn what has its size', () => {
    expect(targetChoices(digits, [null, 784])).toEqual(['label', 'input']);
    expect(targetChoices(digits, [null, 10])).toEqual(['label']);
    expect(targetChoices(flowers, [null, 1])).toEqual(['label', 'length', 'width', 'height']);
    expect(targetChoices(flowers, [null, null])).toEqual(['label', 'input', 'length', 'width', 'height']);
    expect(targetChoices(null, [null, 1])).toEqual(['label']);
  });
});

describe('the settings of two outputs', () => {
  const doc = fromKeras(autoencoder);
  const known = diagnosis([null, 10], [null, 784]);
  const settings = (values: Record<string, Json>) =>
    trainSettings(replaceSettings(doc, 'train.', values), digits, known, null);

  it('train a copy of the sample without being told', () => {
    expect(settings({})).toMatchObject({
      loss: { digit: { class_name: 'SparseCategoricalCrossentropy' }, copy: 'mse' },
      targets: { digit: 'label', copy: 'input' },
      metrics: { digit: ['accuracy'] },
    });
    expect(fitOptions(settings({}), true).targets).toEqual({ digit: 'label', copy: 'input' });
  });

  it('send nothing to learn for an output that is not trained', () => {
    const options = fitOptions(settings({ 'train.loss': { digit: 'mse' }, 'train.metrics': { digit: [] } }), true);
    expect(options.targets).toEqual({ digit: 'label' });
  });

  it('keep what was chosen, and drop what outputs learned that are gone', () => {
    expect(settings({ 'train.targets': { copy: 'label', gone: 'input' } }).targets).toEqual({
      digit: 'label',
      copy: 'label',
    });
  });

  it('leave out class weights, which Keras has for one output', () => {
    const weighted = settings({ 'train.class_weight': { 1: 2 } });
    expect(weighsClasses(weighted)).toBe(false);
    expect(fitOptions(weighted, true)).not.toHaveProperty('class_weight');
  });
});

describe('a single output', () => {
  const copier = functional(
    'copier',
    [
      { name: 'x', className: 'InputLayer', config: { batch_shape: [null, 784] } },
      { name: 'copy', className: 'Dense', config: { units: 784 } },
    ],
    ['copy'],
  );
  const one = (target: string) =>
    trainSettings(
      replaceSettings(fromKeras(copier), 'train.', { 'train.targets': { copy: target } }),
      digits,
      diagnosis([null, 784]),
      null,
    );

  it('has a loss that suits what it learns', () => {
    expect(one('input').loss).toBe('mse');
    expect(one('label').loss).toMatchObject({ class_name: 'SparseCategoricalCrossentropy' });
    expect(weighsClasses(one('input'))).toBe(false);
    expect(weighsClasses(one('label'))).toBe(true);
  });
});

describe('the templates', () => {
  it.each([
    ['autoencoder', autoencoder, { digit: 'label', copy: 'input' }],
    ['two-in-two-out', twoInputsTwoOutputs, { kind: 'label', guessed_length: 'petal_length' }],
  ])('%s trains each of its outputs', (name, model, targets) => {
    const template = templateNamed(name);
    const doc = replaceSettings(fromKeras(model), 'train.', template ? templateSettings(template) : {});
    const options = fitOptions(trainSettings(doc, null, null), true);
    expect(options.targets).toEqual(targets);
    expect(Object.keys(options.loss)).toEqual(Object.keys(targets));
  });
});
