import { describe, expect, it } from 'vitest';
import { CannotError, plainNet, type Contender, type Task } from '../../src/bench/contender';
import { median, runRounds } from '../../src/bench/rounds';

/** Answers from a list, and writes down what it was asked. */
function contender(name: string, rates: number[], log: string[], cannot?: Task): Contender {
  let next = 0;
  return {
    name,
    about: '',
    prepare: (net, task) => {
      log.push(`${name} prepares ${net} ${task}`);
      return task === cannot ? Promise.reject(new CannotError('no kernel')) : Promise.resolve();
    },
    measure: (task) => {
      log.push(`${name} ${task}`);
      return Promise.resolve(rates[next++ % rates.length] ?? 0);
    },
  };
}

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNull();
  });
});

describe('rounds', () => {
  it('alternate between contenders that are all warm', async () => {
    const log: string[] = [];
    const both = [contender('a', [1], log), contender('b', [2], log)];
    await runRounds(both, { nets: ['mlp'], rounds: 2, seconds: 1 }, () => undefined);
    expect(log.slice(0, 6)).toEqual([
      'a prepares mlp train',
      'b prepares mlp train',
      'a train',
      'b train',
      'a train',
      'b train',
    ]);
  });

  it('give medians, and say who cannot', async () => {
    const log: string[] = [];
    const both = [contender('a', [10, 30, 20], log), contender('b', [5], log, 'train')];
    const rows = await runRounds(both, { nets: ['lenet5'], rounds: 3, seconds: 1 }, () => undefined);
    const row = (name: string, task: Task) => rows.find((each) => each.contender === name && each.task === task);
    expect(row('a', 'train')?.median).toBe(20);
    expect(row('b', 'train')).toMatchObject({ median: null, cannot: 'no kernel', rates: [] });
    expect(row('b', 'predict')).toMatchObject({ median: 5, cannot: null });
    expect(log.filter((line) => line === 'b train')).toEqual([]);
  });

  it('tell how far they are', async () => {
    const done: number[] = [];
    await runRounds([contender('a', [1], [])], { nets: ['mlp', 'cnn'], rounds: 1, seconds: 1 }, (_, part) =>
      done.push(part),
    );
    expect(done).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('stop with the name of whoever fails otherwise', async () => {
    const broken: Contender = { ...contender('b', [1], []), prepare: () => Promise.reject(new Error('out of memory')) };
    await expect(runRounds([broken], { nets: ['cnn'], rounds: 1, seconds: 1 }, () => undefined)).rejects.toThrow(
      'b, cnn, train: out of memory',
    );
  });
});

describe('plainNet', () => {
  const layer = (class_name: string, config: Record<string, never> | object) => ({ class_name, config }) as never;

  it('reads what the measured nets are made of', () => {
    const net = plainNet({
      config: {
        layers: [
          layer('InputLayer', { batch_shape: [null, 28, 28, 1] }),
          layer('Conv2D', { filters: 6, kernel_size: [5, 5], padding: 'same', activation: 'relu' }),
          layer('MaxPooling2D', { pool_size: [2, 2] }),
          layer('Flatten', {}),
          layer('Dense', { units: 10, activation: 'softmax' }),
        ],
      },
    });
    expect(net).toEqual({
      input: [28, 28, 1],
      layers: [
        { kind: 'conv', filters: 6, size: [5, 5], padding: 'same', relu: true },
        { kind: 'pool', size: [2, 2] },
        { kind: 'flatten' },
        { kind: 'dense', units: 10, relu: false },
      ],
    });
  });

  it('refuses a layer that the peers would not get', () => {
    expect(() => plainNet({ config: { layers: [layer('LSTM', {})] } })).toThrow('LSTM');
  });
});
