import { describe, expect, test } from 'vitest';
import type { Progress } from '@trainyard/types';
import {
  addEpoch,
  addProgress,
  bestEpoch,
  curveCsv,
  curveFromHistory,
  emptyCurve,
  maxPoints,
} from '../../src/state/curve';
import { calibrate, epochSeconds } from '../../src/state/estimate';
import { endsInLogits, fitOptions, trainDefaults, trainSettings } from '../../src/state/fitOptions';
import { makeCatalog } from '../../src/graph/catalog';
import { fromKeras } from '../../src/graph/keras';
import { templates } from '../../src/testing/fakeModels';
import { fakeSchema } from '../../src/testing/fakeSchema';
import { emptyDoc } from '../../src/graph/types';

const report = (epoch: number, step: number, loss: number, accuracy = 0.5): Progress => ({
  epoch,
  epochs: 100,
  step,
  steps: 100,
  samples: 0,
  images_per_second: 0,
  eta_seconds: 0,
  elapsed_seconds: 0,
  logs: { loss, accuracy },
});

describe('the learning curve', () => {
  test('shows what was learned since the last point, not the mean since the epoch began', () => {
    // Fifty steps of loss 2, then fifty of loss 1: the running mean says 1.5, the second half was 1.
    const curve = addProgress(addProgress(emptyCurve, report(0, 50, 2)), report(0, 100, 1.5));
    expect(curve.points.map((point) => point.loss)).toEqual([2, 1]);
    expect(curve.points.map((point) => point.x)).toEqual([0.5, 1]);
  });

  test('begins anew with every epoch', () => {
    const first = addEpoch(addProgress(emptyCurve, report(0, 100, 2)), { epoch: 0, logs: { loss: 2 }, seconds: 1 });
    const curve = addProgress(first, report(1, 50, 1));
    expect(curve.points.map((point) => [point.x, point.loss])).toEqual([
      [1, 2],
      [1.5, 1],
    ]);
  });

  test('passes over a report that comes after the end of its epoch', () => {
    const ended = addEpoch(addProgress(emptyCurve, report(0, 90, 2)), { epoch: 0, logs: { loss: 2.5 }, seconds: 1 });
    expect(addProgress(ended, report(0, 100, 2.5))).toBe(ended);
  });

  test('passes over reports without a step or a loss', () => {
    expect(addProgress(emptyCurve, report(0, 0, 1))).toBe(emptyCurve);
    expect(addProgress(emptyCurve, { ...report(0, 5, 1), logs: {} })).toBe(emptyCurve);
  });

  test('stays small however long training lasts', () => {
    let curve = emptyCurve;
    for (let epoch = 0; epoch < 60; epoch += 1)
      for (let step = 1; step <= 100; step += 1) curve = addProgress(curve, report(epoch, step, 1));
    expect(curve.points.length).toBeLessThanOrEqual(maxPoints);
    expect(curve.points[curve.points.length - 1]?.x).toBe(60);
  });

  test('calls the epoch best that did best on what it had not seen', () => {
    const epochs = [0.5, 0.2, 0.3].map((val_loss, epoch) => ({
      epoch,
      logs: { loss: 1 - epoch / 10, val_loss },
      seconds: 1,
    }));
    expect(bestEpoch(epochs)?.epoch).toBe(1);
    expect(bestEpoch(epochs.map((end) => ({ ...end, logs: { loss: end.logs.loss } })))?.epoch).toBe(2);
    expect(bestEpoch([])).toBeNull();
  });

  test('is read from a file’s history and written as a table', () => {
    const curve = curveFromHistory([
      { epoch: 0, logs: { loss: 1, accuracy: 0.5, val_loss: 2, val_accuracy: 0.4 }, seconds: 1 },
    ]);
    expect(curveCsv(curve).split('\n')).toEqual([
      'epoch,loss,accuracy,val_loss,val_accuracy',
      '1.0000,1,0.5,,',
      '1,,,2,0.4',
      '',
    ]);
  });
});

test('an epoch is predicted from the speed that was measured', () => {
  const calibration = calibrate(400_000, 10_000);
  expect(epochSeconds(400_000, 60_000, calibration)).toBeCloseTo(6);
});

describe('training options', () => {
  const iris = {
    name: 'iris',
    input_shape: [4],
    train_count: 120,
    test_count: 30,
    labels: ['a', 'b', 'c'],
    class_counts: [],
    features: [],
    bytes: 0,
  };

  test('suit the size of the data', () => {
    expect(trainDefaults(null, null).epochs).toBeLessThan(trainDefaults(iris, null).epochs);
    expect(trainDefaults(iris, null).batchSize).toBeLessThan(iris.train_count);
  });

  test('choose the loss by the labels', () => {
    expect(trainDefaults(iris, null).loss).toMatchObject({ class_name: 'SparseCategoricalCrossentropy', config: {} });
    expect(trainDefaults({ ...iris, labels: [] }, null).loss).toBe('mse');
  });

  test('take what the project says', () => {
    const doc = { ...emptyDoc, settings: { 'train.epochs': { id: 'train.epochs', value: 3 } } };
    expect(trainSettings(doc, iris, null).epochs).toBe(3);
    expect(fitOptions(trainSettings(doc, iris, null), true)).toMatchObject({
      epochs: 3,
      batch_size: 8,
      metrics: ['accuracy'],
      seed: 1,
    });
  });
});

test('a network whose last layer chooses no activation is taken to answer with logits', () => {
  const catalog = makeCatalog(fakeSchema);
  const doc = fromKeras(templates['mlp'] ?? {});
  const last = doc.layers['layer_3'];
  if (!last) throw new Error('no output');
  const linear = { ...doc, layers: { ...doc.layers, layer_3: { ...last, config: { units: 10 } } } };
  expect(endsInLogits(doc, catalog)).toBe(false);
  expect(endsInLogits(linear, catalog)).toBe(true);
  expect(trainSettings(linear, null, null, catalog).loss).toMatchObject({ config: { from_logits: true } });
});
