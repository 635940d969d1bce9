/** How many digits are drawn, and which. */
import { useState, type SubmitEvent } from 'react';
import { drawDigits } from '../../engine/data';
import { asDigitsChoice, countProblem, digitsFrom, seedProblem } from '../../state/digits';
import { useSetting } from '../../state/project';
import { isBusy, useTraining } from '../../state/training';

interface FieldProps {
  id: string;
  label: string;
  doc: string;
  value: string;
  problem: string | null;
  disabled: boolean;
  onChange: (text: string) => void;
}

function Field({ id, label, doc, value, problem, disabled, onChange }: FieldProps) {
  return (
    <div className="arg">
      <div className="arg-head">
        <label htmlFor={id}>{label}</label>
      </div>
      <input
        id={id}
        className="input"
        inputMode="numeric"
        autoComplete="off"
        value={value}
        disabled={disabled}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-doc`}
        onChange={(event) => onChange(event.target.value)}
      />
      <div id={`${id}-doc`} className={problem ? 'arg-problem' : 'arg-doc muted'}>
        {problem ?? doc}
      </div>
    </div>
  );
}

export function DigitsForm() {
  const chosen = asDigitsChoice(useSetting('data.digits'));
  const busy = useTraining((state) => isBusy(state.phase));
  const [train, setTrain] = useState(String(chosen.train));
  const [seed, setSeed] = useState(String(chosen.seed));
  const problems = { train: countProblem(train), seed: seedProblem(seed) };
  const wrong = problems.train !== null || problems.seed !== null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!wrong && !busy) void drawDigits(digitsFrom(train, seed));
  };
  return (
    <form className="digits-form" aria-label="Drawn digits" onSubmit={submit}>
      <Field
        id="digits-train"
        label="Training samples"
        doc="Fewer are drawn and learned sooner."
        value={train}
        problem={problems.train}
        disabled={busy}
        onChange={setTrain}
      />
      <Field
        id="digits-seed"
        label="Seed"
        doc="Each seed has digits of its own."
        value={seed}
        problem={problems.seed}
        disabled={busy}
        onChange={setSeed}
      />
      <button type="submit" className="button" disabled={wrong || busy}>
        Draw them
      </button>
    </form>
  );
}
