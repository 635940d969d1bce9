/** The fit's own arguments, in the same words as a class of the schema, so that the same form draws them. */
import type { ArgSchema, ClassSchema, Json, JsonObject } from '@trainyard/types';
import { referenceName } from '../../graph/catalog';
import { snakeCase } from '../../graph/names';
import type { TrainSettings } from '../../state/fitOptions';
import { inputTarget, labelTarget } from '../../state/targets';
import { isObject } from '../../graph/json';

export const field = (
  name: string,
  kind: ArgSchema['kind'],
  doc: string,
  more: Partial<ArgSchema> = {},
): ArgSchema => ({
  name,
  kind,
  doc,
  required: false,
  nullable: false,
  default: null,
  advanced: false,
  ...more,
});

const part = (value: Json, output: string): Json | undefined => (isObject(value) ? value[output] : undefined);

/** The settings that each of several outputs has for itself: `loss of digit` is the part `digit` of the setting `loss`. */
const parts = { loss: 'loss of ', targets: 'target of ', metrics: 'metrics of ', loss_weights: 'weight of ' } as const;
type PartName = keyof typeof parts;
const partNames = Object.keys(parts) as PartName[];

/** What an output may learn, by its name. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** What else there is but the label. */
function besides(choices: readonly string[]): string {
  const sample = choices.includes(inputTarget) ? ', or the sample itself' : '';
  const column = choices.some((choice) => choice !== labelTarget && choice !== inputTarget);
  const columns = column ? ', or a column of the table, in standard deviations from its mean' : '';
  return sample + columns || '. Nothing else of this data has its size';
}

function targetField(name: string, output: string, defaults: TrainSettings, all: Choices): ArgSchema {
  const choices = all[output] ?? [labelTarget];
  return field(name, 'choice', `What the output learns to give: the label of a sample${besides(choices)}.`, {
    choices: [...choices],
    default: defaults.targets[output] ?? labelTarget,
  });
}

function outputFields(output: string, defaults: TrainSettings, now: TrainSettings, choices: Choices): ArgSchema[] {
  const trained = part(now.loss, output) !== undefined;
  const several = isObject(now.loss) && Object.keys(now.loss).length > 1;
  return [
    field(`${parts.loss}${output}`, 'reference', 'What is made small here. Without one the output is not trained.', {
      group: 'losses',
      nullable: true,
      default: part(defaults.loss, output) ?? null,
    }),
    ...(trained ? [targetField(`${parts.targets}${output}`, output, defaults, choices)] : []),
    field(`${parts.metrics}${output}`, 'json', 'What is reported beside the loss.', {
      group: 'metrics',
      default: part(defaults.metrics, output) ?? [],
      advanced: true,
    }),
    field(`${parts.loss_weights}${output}`, 'float', 'How much its loss counts in the sum.', {
      min: 0,
      default: 1,
      advanced: !(trained && several),
    }),
  ];
}

function lossFields(defaults: TrainSettings, now: TrainSettings, choices: Choices): ArgSchema[] {
  if (defaults.outputs.length > 1)
    return defaults.outputs.flatMap((output) => outputFields(output, defaults, now, choices));
  const [only] = defaults.outputs;
  const target = only === undefined ? [] : [targetField('target', only, defaults, choices)];
  const usual = only === undefined || now.targets[only] === labelTarget;
  return [
    field('loss', 'reference', 'What is made small.', { group: 'losses', default: defaults.loss }),
    ...target.map((arg) => ({ ...arg, advanced: usual })),
    field('metrics', 'json', 'What is reported beside the loss.', {
      group: 'metrics',
      default: defaults.metrics,
      advanced: true,
    }),
  ];
}

/** The fields for the settings `now`, with these defaults. */
export function fitFields(defaults: TrainSettings, now: TrainSettings, choices: Choices = {}): ClassSchema {
  return {
    class_name: 'fit',
    group: 'optimizers',
    family: 'training',
    doc: '',
    aliases: [],
    args: [
      field('epochs', 'int', 'How often the whole training set is gone through.', {
        min: 1,
        max: 100000,
        default: defaults.epochs,
      }),
      field('batch_size', 'int', 'How many samples make one step.', {
        min: 1,
        max: 65536,
        default: defaults.batchSize,
      }),
      field('optimizer', 'reference', 'How a step follows from the gradient.', {
        group: 'optimizers',
        default: defaults.optimizer,
      }),
      ...lossFields(defaults, now, choices),
      field('validation_split', 'float', 'The part of the training set that is only watched, never learned from.', {
        min: 0,
        max: 0.9,
        default: defaults.validationSplit,
      }),
      field('seed', 'int', 'The same seed gives the same training, bit by bit.', {
        min: 0,
        default: defaults.seed,
        advanced: true,
      }),
      field('shuffle', 'flag', 'Goes through the samples in a new order every epoch.', {
        default: defaults.shuffle,
        advanced: true,
      }),
    ],
  };
}

const targetOf = ({ outputs: [only], targets }: TrainSettings): JsonObject =>
  only === undefined ? {} : { target: targets[only] ?? labelTarget };

/** The settings as values of these arguments. */
export function fitConfig(settings: TrainSettings): JsonObject {
  const several = settings.outputs.length > 1;
  const own = settings.outputs.flatMap((output): [string, Json][] => [
    [`${parts.loss}${output}`, part(settings.loss, output) ?? null],
    ...(part(settings.loss, output) === undefined
      ? []
      : [[`${parts.targets}${output}`, settings.targets[output] ?? labelTarget] as [string, Json]]),
    [`${parts.metrics}${output}`, part(settings.metrics, output) ?? []],
    [`${parts.loss_weights}${output}`, settings.lossWeights[output] ?? 1],
  ]);
  return {
    epochs: settings.epochs,
    batch_size: settings.batchSize,
    optimizer: settings.optimizer,
    ...(several ? Object.fromEntries(own) : { loss: settings.loss, ...targetOf(settings), metrics: settings.metrics }),
    validation_split: settings.validationSplit,
    seed: settings.seed,
    shuffle: settings.shuffle,
  };
}

/** The project's setting that a change of such an argument is, with its new value. */
export function changedSetting(arg: string, value: Json, settings: TrainSettings): { name: string; value: Json } {
  const [only] = settings.outputs;
  if (arg === 'target' && only !== undefined) return { name: 'targets', value: { [only]: value } };
  const name = partNames.find((known) => arg.startsWith(parts[known]));
  if (name === undefined) return { name: arg, value };
  const { loss, metrics, targets, lossWeights } = settings;
  const whole: Json = { loss, metrics, targets, loss_weights: lossWeights }[name];
  const output = arg.slice(parts[name].length);
  const { [output]: _old, ...others } = isObject(whole) ? whole : {};
  return { name, value: value === null ? others : { ...others, [output]: value } };
}

/** The field that a problem's place belongs to: `targets.copy` is what the output `copy` learns. */
export function fieldOf(path: string, outputs: readonly string[]): string {
  const [head = ''] = path.split(/[.[]/);
  if (outputs.length < 2) return head === 'targets' ? 'target' : head;
  const name = partNames.find((known) => known === head);
  const rest = path.slice(head.length + 1);
  const output = outputs.find(
    (known) => rest === known || rest.startsWith(`${known}.`) || rest.startsWith(`${known}[`),
  );
  return name !== undefined && output !== undefined ? parts[name] + output : head;
}

/** What the logs of such a training will hold: what callbacks can watch. */
export function logNames(settings: TrainSettings): string[] {
  const label = (metric: Json): string[] => {
    const name = referenceName(metric);
    return name === null ? [] : [typeof metric === 'string' ? metric : snakeCase(name)];
  };
  const list = (value: Json | undefined): string[] => (Array.isArray(value) ? value.flatMap(label) : []);
  const losses = isObject(settings.loss) && !('class_name' in settings.loss) ? Object.keys(settings.loss) : [];
  const own =
    settings.outputs.length > 1
      ? [
          ...(losses.length > 1 ? losses.map((output) => `${output}_loss`) : []),
          ...settings.outputs.flatMap((output) =>
            list(part(settings.metrics, output)).map((metric) => `${output}_${metric}`),
          ),
        ]
      : list(settings.metrics);
  const all = ['loss', ...own];
  return settings.validationSplit > 0 ? [...all.map((name) => `val_${name}`), ...all] : all;
}
