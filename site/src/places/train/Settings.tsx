/** How to train; the optimizer's and the loss's fields come from the schema. */
import { useEngine } from '../../engine/session';
import type { Catalog } from '../../graph/catalog';
import { generalProblems } from '../../graph/reports';
import { problemText } from '../../graph/words';
import { replaceSettings } from '../../commands/edits';
import { changeSetting, useProject } from '../../state/project';
import { trainSettings, weighsClasses } from '../../state/fitOptions';
import { targetChoices } from '../../state/targets';
import { useData } from '../../state/data';
import { isBusy, useTraining } from '../../state/training';
import { Loading, Problem } from '../../ui/States';
import { ArgForm } from '../../widgets/ArgForm';
import { Callbacks } from './Callbacks';
import { ClassWeights } from './ClassWeights';
import { Threads } from './Threads';
import { changedSetting, fieldOf, fitConfig, fitFields } from './fitFields';

function Form({ catalog }: { catalog: Catalog }) {
  const doc = useProject((state) => state.doc);
  const data = useData((state) => state.info);
  const diagnosis = useEngine((state) => state.diagnosis);
  const settings = trainSettings(doc, data, diagnosis, catalog);
  const defaults = trainSettings(replaceSettings(doc, 'train.', {}), data, diagnosis, catalog);
  const config = fitConfig(settings);
  const problems = generalProblems(diagnosis);
  const placed = problems.map((problem) => ({ ...problem, arg: fieldOf(problem.path, settings.outputs) }));
  const choices = Object.fromEntries(
    settings.outputs.map((output, index) => [output, targetChoices(data, diagnosis?.outputs[index]?.shape)]),
  );
  const known = new Set([...Object.keys(config), 'callbacks']);
  return (
    <>
      {placed
        .filter((problem) => !known.has(problem.arg ?? ''))
        .map((problem) => (
          <Problem key={problem.code + problem.path} tone={problem.severity}>
            {problemText(problem)}
          </Problem>
        ))}
      {data?.endLacksClasses && settings.validationSplit > 0 ? (
        <Problem tone="warning">
          The rows of this data stand in the order of their classes, and validation takes the last of them: it would be
          asked about classes that are hardly learned from. Let them be mixed in Data, or do without it (a validation
          split of 0).
        </Problem>
      ) : null}
      <ArgForm
        item={fitFields(defaults, settings, choices)}
        config={config}
        catalog={catalog}
        problems={placed}
        idPrefix="train"
        onChange={(arg, value) => {
          const change = changedSetting(arg, value, settings);
          changeSetting(`train.${change.name}`, change.value, `Changed ${arg}`);
        }}
      />
      {data && data.labels.length > 0 && weighsClasses(settings) ? (
        <ClassWeights data={data} settings={settings} catalog={catalog} />
      ) : null}
      <Callbacks catalog={catalog} settings={settings} problems={problems} />
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
      <Threads />
    </fieldset>
  );
}
