/** The fields of the Train place, and what becomes of a change. */
import { describe, expect, it } from 'vitest';
import { classProbabilities } from '../../src/places/test/AnswerHead';
import { balancedWeights } from '../../src/places/train/ClassWeights';
import { changedSetting, fitConfig, fitFields, logNames } from '../../src/places/train/fitFields';
import { furtherLogs } from '../../src/state/curve';
import { trainDefaults, type TrainSettings } from '../../src/state/fitOptions';

const one = trainDefaults(null, null);
const two: TrainSettings = { ...trainDefaults(null, null, false, ['kind', 'size']), lossWeights: { size: 0.5 } };
const names = (settings: TrainSettings) => fitFields(settings).args.map((arg) => arg.name);

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
