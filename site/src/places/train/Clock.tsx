/** The clock of a training with a goal: from pressing Train until the test set has told. */
import { useEffect, useState } from 'react';
import { formatPercent } from '../../graph/summary';
import { asGoal, goalSetting, type Goal, type Verdict } from '../../state/goal';
import { useSetting } from '../../state/project';
import { isBusy, useTraining } from '../../state/training';

const tickMs = 100;

/** Seconds since Train was pressed, while something is still to come. */
function useElapsed(running: boolean): number | null {
  const pressedAt = useTraining((state) => state.pressedAt);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!running) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), tickMs);
    return () => clearInterval(timer);
  }, [running]);
  return pressedAt === null ? null : Math.max(0, (now - pressedAt) / 1000);
}

/** The test's answer in a sentence. */
export function verdictWords(goal: Goal, { accuracy, samples, seconds }: Verdict): { good: boolean; text: string } {
  const read = `${formatPercent(accuracy, 2)} of ${samples.toLocaleString('en')} test images read rightly`;
  const reached = accuracy >= goal.accuracy;
  if (reached && seconds <= goal.seconds) return { good: true, text: `${read}. Goal reached.` };
  if (reached) return { good: false, text: `${read}, later than the goal of ${goal.seconds} s.` };
  return { good: false, text: `${read}; the goal is ${formatPercent(goal.accuracy, 0)}.` };
}

export function Clock() {
  const goal = asGoal(useSetting(goalSetting));
  const { phase, verdict } = useTraining();
  const judging = phase === 'finished' && verdict === null;
  const elapsed = useElapsed(isBusy(phase) || judging);
  if (!goal) return null;
  const aim = `${formatPercent(goal.accuracy, 0)} of the test images within ${goal.seconds} s`;
  const words = verdict ? verdictWords(goal, verdict) : null;
  const seconds = verdict ? verdict.seconds : phase === 'idle' ? null : elapsed;
  return (
    <div className="clock" role="timer" aria-label="Time since Train was pressed">
      <span className="clock-figure">{seconds === null ? '0.0 s' : `${seconds.toFixed(1)} s`}</span>
      <span className={words ? (words.good ? 'clock-words good' : 'clock-words') : 'clock-words muted'}>
        {words ? words.text : judging ? 'Asking the test set …' : `Goal: ${aim}`}
      </span>
    </div>
  );
}
