/** How to train; the optimizer's and the loss's fields come from the schema. */
import type { ArgSchema, Json } from '@trainyard/types';
import { useEngine } from '../../engine/session';
import type { Catalog } from '../../graph/catalog';
import { generalProblems } from '../../graph/reports';
import { problemText } from '../../graph/words';
import { replaceSettings } from '../../commands/edits';
import { changeSetting, useProject } from '../../state/project';
import { trainSettings, type TrainSettings } from '../../state/fitOptions';
import { useData } from '../../state/data';
import { isBusy, useTraining } from '../../state/training';
import { Loading, Problem } from '../../ui/States';
import { ArgForm } from '../../widgets/ArgForm';

const field = (name: string, kind: ArgSchema['kind'], doc: string, more: Partial<ArgSchema> = {}): ArgSchema => ({
  name,
  kind,
  doc,
  required: false,
  nullable: false,
  default: null,
  advanced: false,
  ...more,
});

/** The fit's own arguments, in the same words as a class of the schema, so that the same form draws them. */
export function fitFields(defaults: TrainSettings) {
  return {
    class_name: 'fit',
    group: 'optimizers' as const,
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
      field('loss', 'reference', 'What is made small.', { group: 'losses', default: defaults.loss }),
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

function Form({ catalog }: { catalog: Catalog }) {
  const doc = useProject((state) => state.doc);
  const data = useData((state) => state.info);
  const diagnosis = useEngine((state) => state.diagnosis);
  const settings = trainSettings(doc, data, diagnosis, catalog);
  const defaults = trainSettings(replaceSettings(doc, 'train.', {}), data, diagnosis, catalog);
  const config: Record<string, Json> = {
    epochs: settings.epochs,
    batch_size: settings.batchSize,
    optimizer: settings.optimizer,
    loss: settings.loss,
    validation_split: settings.validationSplit,
    seed: settings.seed,
    shuffle: settings.shuffle,
  };
  const problems = generalProblems(diagnosis);
  const placed = problems.map((problem) => ({ ...problem, arg: problem.path.split(/[.[]/)[0] ?? null }));
  const known = new Set(Object.keys(config));
  return (
    <>
      {placed
        .filter((problem) => !known.has(problem.arg ?? ''))
        .map((problem) => (
          <Problem key={problem.code + problem.path} tone={problem.severity}>
            {problemText(problem)}
          </Problem>
        ))}
      <ArgForm
        item={fitFields(defaults)}
        config={config}
        catalog={catalog}
        problems={placed}
        idPrefix="train"
        onChange={(arg, value) => changeSetting(`train.${arg}`, value, `Changed ${arg}`)}
      />
    </>
  );
}

export function Settings() {
  const catalog = useEngine((state) => state.catalog);
  const busy = useTraining((state) => isBusy(state.phase));
  const resumable = useTraining((state) => state.resumable);
  if (!catalog) return <Loading label="Starting the engine …" />;
  return (
    <fieldset className="plain-fieldset" disabled={busy} aria-label="Training settings">
      {resumable && !busy ? (
        <p className="muted">Resume goes on with the settings it began with; changes count when you start over.</p>
      ) : null}
      <Form catalog={catalog} />
    </fieldset>
  );
}
