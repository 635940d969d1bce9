/** How many threads the engine takes on this device. The same seed gives the same training with any number. */
import { useState } from 'react';
import { useEngine } from '../../engine/session';
import { changeThreads } from '../../engine/threads';
import { chosenThreads, threadChoices } from '../../state/threads';

const own = 'suits';

export function Threads() {
  const info = useEngine((state) => state.info);
  const ready = useEngine((state) => state.phase === 'ready');
  const [chosen, setChosen] = useState(chosenThreads);
  // Without shared memory there is one thread, whatever is chosen; the status line says why.
  if (!info || (info.threads === 1 && chosen === null)) return null;
  const choices = threadChoices(navigator.hardwareConcurrency, info.threads);
  const change = (value: string) => {
    const threads = value === own ? null : Number(value);
    setChosen(threads);
    void changeThreads(threads);
  };
  return (
    <details className="fold">
      <summary>
        This device <span className="muted">{info.threads === 1 ? '1 thread' : `${info.threads} threads`}</span>
      </summary>
      <div className="arg">
        <div className="arg-head">
          <label htmlFor="train-threads">Threads</label>
        </div>
        <select
          id="train-threads"
          className="select"
          value={chosen ?? own}
          disabled={!ready}
          aria-describedby="train-threads-doc"
          onChange={(event) => change(event.target.value)}
        >
          <option value={own}>as many as suit</option>
          {choices.map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
        <p id="train-threads-doc" className="arg-doc muted">
          Some browsers tell of more cores than there are, and then fewer threads are faster. The results are the same,
          bit by bit.
        </p>
      </div>
    </details>
  );
}
