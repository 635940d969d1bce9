/** What cannot be shown, because its code did not arrive or this browser trips over it, takes only its own place from the page. */
import { Component, type ReactNode } from 'react';
import { sentence } from '../graph/words';
import { Failed } from './States';

interface State {
  problem: string | null;
}

export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { problem: null };

  static getDerivedStateFromError(error: unknown): State {
    return { problem: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { problem } = this.state;
    if (problem === null) return this.props.children;
    return (
      <Failed
        problem={`This could not be shown. ${sentence(problem)}`}
        safe="Your network and your settings are safe, and what runs goes on."
        action={
          <button type="button" className="button" onClick={() => window.location.reload()}>
            Reload the page
          </button>
        }
      />
    );
  }
}
