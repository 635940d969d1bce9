/** One row of a table, typed in: the answer follows. */
import type { DatasetInfo } from '@trainyard/types';
import { randomTestRow, setRow } from '../../engine/testing';
import { columnName, mayBeNegative, rowFields, toOwnUnits } from '../../state/columns';
import { useData } from '../../state/data';
import { useTest } from '../../state/testing';
import { errorText, useEngine } from '../../engine/session';
import { notify } from '../../state/ui';
import { Problem } from '../../ui/States';
import { AnswerHead, classProbabilities } from './AnswerHead';
import { Bars } from './Bars';
import { FurtherAnswers } from './FurtherAnswers';
import { useTellsLabel } from '../../engine/useTargets';

async function takeOne(): Promise<void> {
  try {
    const sample = await randomTestRow();
    const info = useData.getState().info;
    if (sample && info) setRow(toOwnUnits(info, sample.input).map((value) => String(Number(value.toFixed(3)))));
  } catch (error) {
    notify('error', errorText(error));
  }
}

/** Of a network whose inputs take a column each only those columns are asked for. */
function useAsked(info: DatasetInfo | null): (name: string) => boolean {
  const inputs = useEngine((state) => state.diagnosis?.inputs) ?? [];
  const named = inputs.length > 1 && inputs.every(({ name }) => info?.features.includes(name));
  return (name) => !named || inputs.some((input) => input.name === name);
}

export function RowFields() {
  const info = useData((state) => state.info);
  const row = useTest((state) => state.row);
  const answer = useTest((state) => state.rowAnswer);
  const problem = useTest((state) => state.rowProblem);
  const asked = useAsked(info);
  const tellsLabel = useTellsLabel();
  if (!info) return null;
  const count = info.input_shape.reduce((all, size) => all * size, 1);
  const names = Array.from({ length: count }, (_, index) => info.features[index] ?? `x${index}`);
  const shown = answer ? classProbabilities(answer, info.labels.length) : null;
  const unasked = (index: number) => String(info.standardization?.mean[index] ?? 0);
  const change = (texts: Readonly<Record<number, string>>) =>
    setRow(names.map((name, i) => texts[i] ?? row[i] ?? (asked(name) ? '' : unasked(i))));
  return (
    <div className="try">
      <div className="stack">
        {rowFields(names)
          .filter((field) => field.columns.some(({ name }) => asked(name)))
          .map((field) => (
            <label key={field.name} className="row-field">
              <span>{columnName(field.name)}</span>
              {field.kind === 'number' ? (
                <input
                  className="input"
                  inputMode={mayBeNegative(info, field.columns[0]?.index ?? 0) ? 'text' : 'decimal'}
                  value={row[field.columns[0]?.index ?? 0] ?? ''}
                  onChange={(event) => change({ [field.columns[0]?.index ?? 0]: event.target.value })}
                />
              ) : (
                <select
                  className="select"
                  value={field.columns.find(({ index }) => Number(row[index] ?? 0) > 0.5)?.word ?? ''}
                  onChange={(event) =>
                    change(
                      Object.fromEntries(
                        field.columns.map(({ index, word }) => [index, word === event.target.value ? '1' : '0']),
                      ),
                    )
                  }
                >
                  <option value="">–</option>
                  {field.columns.map(({ word }) => (
                    <option key={word} value={word}>
                      {word}
                    </option>
                  ))}
                </select>
              )}
            </label>
          ))}
        <button type="button" className="button" onClick={() => void takeOne()}>
          Take one from the test set
        </button>
      </div>
      <div className="answer">
        {problem ? <Problem>{problem}</Problem> : null}
        {!tellsLabel ? null : info.labels.length > 0 ? (
          <>
            <AnswerHead labels={info.labels} values={shown} />
            <Bars labels={info.labels} values={shown} label="Probabilities" />
          </>
        ) : (
          <div className="answer-head words">
            <p className="answer-figure" role="status" aria-label="Answer">
              {answer?.map((value) => value.toPrecision(4)).join(', ') ?? '?'}
            </p>
            <p className="muted">{answer ? columnName(info.target ?? '') : 'The answer will be here.'}</p>
          </div>
        )}
        <FurtherAnswers />
      </div>
    </div>
  );
}
