/** The fields of the Train place, and what becomes of a change. */
import { describe, expect, it } from 'vitest';
import { classProbabilities } from '../../src/places/test/AnswerHead';
import { balancedWeights } from '../../src/places/train/ClassWeights';
import { changedSetting, fieldOf, fitConfig, fitFields, logNames } from '../../src/places/train/fitFields';
import { furtherLogs } from '../../src/state/curve';
import { trainDefaults, type TrainSettings } from '../../src/state/fitOptions';

const one = trainDefaults(null, null);
const two: TrainSettings = { ...trainDefaults(null, null, false, ['kind', 'size']), lossWeights: { size: 0.5 } };
const names = (settings: TrainSettings) => fitFields(settings, settings).args.map((arg) => arg.name);

describe('the fields', () => {
  it('have one loss for one output, and one each for several', () => {
    expect(names(one)).toContain('loss');
    expect(names(two)).toEqual(expect.arrayContaining(['loss of kind', 'loss of size', 'metrics of size']));
    expect(names(two)).not.toContain('loss');
  });

  it('have a value each', () => {
    for (const settings of [one, two]) expect(Object.keys(fitConfig(settings)).sort()).toEqual(names(settings).sort());
    expect(fitConfig(two)).toMatchObject({ 'loss of size': null, 'weight of size': 0.5, 'weight of kind': 1 });
  });

  it('change the part of the setting that is theirs', () => {
    expect(changedSetting('epochs', 3, two)).toEqual({ name: 'epochs', value: 3 });
    expect(changedSetting('loss of size', 'mse', two)).toMatchObject({
      name: 'loss',
      value: { kind: {}, size: 'mse' },
    });
    expect(changedSetting('loss of kind', null, two)).toEqual({ name: 'loss', value: {} });
    expect(changedSetting('weight of kind', 2, two)).toEqual({ name: 'loss_weights', value: { size: 0.5, kind: 2 } });
  });
});

describe('what an output learns', () => {
  const both: TrainSettings = {
    ...two,
    loss: { kind: 'mse', size: 'mae' },
    targets: { kind: 'label', size: 'petal_length' },
  };
  const choices = { kind: ['label', 'input'], size: ['label', 'petal_length', 'petal_width'] };
  const fieldNamed = (settings: TrainSettings, name: string) =>
    fitFields(two, settings, choices).args.find((arg) => arg.name === name);

  it('is asked where it has a loss', () => {
    expect(names(two)).toContain('target of kind');
    expect(names(two)).not.toContain('target of size');
    expect(fieldNamed(both, 'target of size')).toMatchObject({
      kind: 'choice',
      choices: choices.size,
      default: 'label',
    });
    expect(fitConfig(both)).toMatchObject({ 'target of kind': 'label', 'target of size': 'petal_length' });
    expect(Object.keys(fitConfig(both)).sort()).toEqual(names(both).sort());
  });

  it('changes for that output alone', () => {
    expect(changedSetting('target of size', 'petal_width', both)).toEqual({
      name: 'targets',
      value: { kind: 'label', size: 'petal_width' },
    });
  });

  it('of a single output stands among the advanced settings while it is the label', () => {
    const single = trainDefaults(null, null, false, ['copy']);
    const target = (settings: TrainSettings) => fitFields(single, settings).args.find((arg) => arg.name === 'target');
    expect(target(single)?.advanced).toBe(true);
    expect(target({ ...single, targets: { copy: 'input' } })?.advanced).toBe(false);
    expect(changedSetting('target', 'input', single)).toEqual({ name: 'targets', value: { copy: 'input' } });
  });

  it('has weights in sight once two outputs are trained', () => {
    expect(fieldNamed(two, 'weight of kind')?.advanced).toBe(true);
    expect(fieldNamed(both, 'weight of kind')?.advanced).toBe(false);
  });
});

it('a problem is shown at the field of its output', () => {
  const outputs = ['kind', 'size.of.petal'];
  expect(fieldOf('targets.size.of.petal', outputs)).toBe('target of size.of.petal');
  expect(fieldOf('metrics.kind[0]', outputs)).toBe('metrics of kind');
  expect(fieldOf('loss_weights.kind', outputs)).toBe('weight of kind');
  expect(fieldOf('loss.kind.from_logits', outputs)).toBe('loss of kind');
  expect(fieldOf('optimizer.learning_rate', outputs)).toBe('optimizer');
  expect(fieldOf('targets', outputs)).toBe('targets');
  expect(fieldOf('targets.copy', ['copy'])).toBe('target');
  expect(fieldOf('loss', ['copy'])).toBe('loss');
});

describe('what can be watched', () => {
  it('is what the logs will hold', () => {
    expect(logNames(one)).toEqual(['val_loss', 'val_accuracy', 'loss', 'accuracy']);
    expect(logNames({ ...one, validationSplit: 0 })).toEqual(['loss', 'accuracy']);
    const precision = { class_name: 'Precision', config: {} };
    expect(logNames({ ...one, validationSplit: 0, metrics: ['mae', precision] })).toEqual(['loss', 'mae', 'precision']);
  });

  it('is named by output where there are several, with their losses where more than one has one', () => {
    expect(logNames({ ...two, validationSplit: 0 })).toEqual(['loss', 'kind_accuracy']);
    const both = { ...two, validationSplit: 0, loss: { kind: 'mse', size: 'mae' }, metrics: { size: ['mae'] } };
    expect(logNames(both)).toEqual(['loss', 'kind_loss', 'size_loss', 'size_mae']);
  });
});

it('balanced classes count alike together', () => {
  const counts = [10, 0, 30];
  const weights = balancedWeights(counts);
  expect(weights).toEqual({ 0: 2, 2: 0.667 });
});

it('further logs leave out the loss, the validation and the accuracy that is shown', () => {
  expect(furtherLogs({ loss: 1, accuracy: 0.5, precision: 0.5, val_loss: 2 })).toEqual([['precision', 0.5]]);
  expect(furtherLogs({ loss: 1, a_accuracy: 0.5, b_accuracy: 0.5 })).toEqual([['b_accuracy', 0.5]]);
});

it('answers are told as probabilities, whatever form the network gives them in', () => {
  expect(classProbabilities([0.25], 2)).toEqual([0.75, 0.25]);
  expect(classProbabilities([0.25, 0.75], 2)).toEqual([0.25, 0.75]);
  expect(classProbabilities([0, 0], 2)).toEqual([0.5, 0.5]);
  expect(classProbabilities([-1000, 0, -1000], 3)).toEqual([0, 1, 0]);
});
