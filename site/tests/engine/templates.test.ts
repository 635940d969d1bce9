import { describe, expect, it } from 'vitest';
import { replaceSettings } from '../../src/commands/edits';
import { templateSettings } from '../../src/engine/templates';
import { oneCycle, templates } from '../../src/engine/templateTable';
import { emptyDoc } from '../../src/graph/types';

const doc = (values: Record<string, never>) => replaceSettings(emptyDoc, '', values);

describe('templates', () => {
  it('have names of their own', () => {
    expect(new Set(templates.map(({ name }) => name)).size).toBe(templates.length);
  });

  it('bring their training settings, and only training settings give way to them', () => {
    const before = doc({ 'train.epochs': 40, 'train.seed': 3, 'data.choice': 'iris' } as never);
    const quick = templates.find(({ name }) => name === 'mnist-in-seconds');
    const after = replaceSettings(before, 'train.', quick ? templateSettings(quick) : {});
    expect(after.settings['train.epochs']?.value).toBe(2);
    expect(after.settings['train.batch_size']?.value).toBe(128);
    expect(after.settings['train.goal']?.value).toEqual({ accuracy: 0.99, seconds: 15 });
    expect(after.settings['train.seed']).toBeUndefined();
    expect(after.settings['data.choice']?.value).toBe('iris');
  });

  it('without settings of their own bring back the defaults', () => {
    const plain = templates.find(({ name }) => name === 'cnn');
    expect(plain && templateSettings(plain)).toEqual({});
  });
});

describe('one cycle', () => {
  it('climbs for a fifth of the steps and falls for the rest', () => {
    // 469 steps an epoch: 60,000 in batches of 128, the last one smaller.
    expect(oneCycle(0.005, 60_000, 3, 128)).toMatchObject({
      class_name: 'CosineDecay',
      config: { initial_learning_rate: 0.0005, warmup_target: 0.005, warmup_steps: 281, decay_steps: 1126 },
    });
  });
});
