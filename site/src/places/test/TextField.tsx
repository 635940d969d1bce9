/** A text, typed in: the answer follows. */
import { useId } from 'react';
import { setText } from '../../engine/testing';
import { exampleTexts } from '../../engine/sentences';
import { useData } from '../../state/data';
import { useTest } from '../../state/testing';
import { Problem } from '../../ui/States';
import { AnswerHead, classProbabilities } from './AnswerHead';
import { Bars } from './Bars';
import { FurtherAnswers } from './FurtherAnswers';

function Examples() {
  const own = useData((state) => state.choice === 'sentences');
  if (!own) return null;
  return (
    <ul className="examples" aria-label="Examples">
      {exampleTexts.map((example) => (
        <li key={example}>
          <button type="button" className="button" onClick={() => setText(example)}>
            {example}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function TextField() {
  const id = useId();
  const labels = useData((state) => state.info)?.labels ?? [];
  const { text, textAnswer, textProblem } = useTest();
  const shown = textAnswer ? classProbabilities(textAnswer, labels.length) : null;
  return (
    <div className="try">
      <div className="stack tight">
        <label htmlFor={id}>Text</label>
        <textarea
          id={id}
          className="input prose"
          rows={4}
          value={text}
          placeholder="Write something like what it has read."
          onChange={(event) => setText(event.target.value)}
        />
        <Examples />
      </div>
      <div className="answer">
        {textProblem ? <Problem>{textProblem}</Problem> : null}
        {labels.length > 0 ? (
          <>
            <AnswerHead labels={labels} values={shown} />
            <Bars labels={labels} values={shown} label="Probabilities" />
          </>
        ) : (
          <p className="answer-figure">
            {textAnswer ? [...textAnswer].map((value) => value.toPrecision(4)).join(', ') : '?'}
          </p>
        )}
        <FurtherAnswers />
      </div>
    </div>
  );
}
