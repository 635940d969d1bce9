/** One question at a time; of those asked meanwhile only the newest is asked next. */
export function latestWins<In, Out>(
  ask: (input: In) => Promise<Out>,
  deliver: (output: Out) => void,
  failed: (error: unknown) => void,
) {
  let busy = false;
  let waiting: { input: In } | null = null;
  const run = async (input: In): Promise<void> => {
    busy = true;
    try {
      deliver(await ask(input));
    } catch (error) {
      failed(error);
    }
    busy = false;
    const next = waiting;
    waiting = null;
    if (next) await run(next.input);
  };
  return (input: In): void => {
    if (busy) waiting = { input };
    else void run(input);
  };
}
