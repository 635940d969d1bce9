/** Where the time of a training step goes, op by op. */
import { useState } from 'react';
import { measureShares } from '../../engine/shares';
import { formatPercent } from '../../graph/summary';
import { opWords, type ProfileRow, type StepProfile } from '../../state/profile';
import { useTraining } from '../../state/training';
import { TableScroll } from '../../ui/TableScroll';

const shownFirst = 8;

const milliseconds = (value: number) => (value >= 0.1 ? value.toFixed(2) : value.toFixed(3));

function Row({ row, longest }: { row: ProfileRow; longest: number }) {
  return (
    <tr>
      <th scope="row" title={row.op}>
        {opWords(row.op)} <span className="muted small">{row.layer}</span>
      </th>
      <td className="time-bar" aria-hidden="true">
        <span style={{ width: `${((row.share / longest) * 100).toFixed(1)}%` }} />
      </td>
      <td className="number">{milliseconds(row.milliseconds)}</td>
      <td className="number">{formatPercent(row.share)}</td>
    </tr>
  );
}

function Table({ profile, all }: { profile: StepProfile; all: boolean }) {
  const rows = all ? profile.rows : profile.rows.slice(0, shownFirst);
  const longest = profile.rows[0]?.share ?? 1;
  return (
    <TableScroll label="Times">
      <table className="table times">
        <thead>
          <tr>
            <th scope="col">Operation and layer</th>
            <th scope="col" className="time-bar">
              <span className="hidden-label">Share as a bar</span>
            </th>
            <th scope="col" className="number">
              ms a step
            </th>
            <th scope="col" className="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.op} ${row.layer}`} row={row} longest={longest} />
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

export function TimeTable() {
  const profile = useTraining((state) => state.profile);
  const running = useTraining((state) => state.phase === 'running');
  const [all, setAll] = useState(false);
  const [measuring, setMeasuring] = useState(false);
  if (!profile) return null;
  const measure = async () => {
    setMeasuring(true);
    await measureShares();
    setMeasuring(false);
  };
  const more = profile.rows.length - shownFirst;
  return (
    <section className="card" aria-label="Where the time goes">
      <div className="spread">
        <h2>Where the time goes</h2>
        <button
          type="button"
          className="button quiet"
          disabled={!running || measuring}
          title={running ? 'Times the operations for a moment' : 'Can be measured while training runs'}
          onClick={() => void measure()}
        >
          {measuring ? 'Measuring …' : 'Measure again'}
        </button>
      </div>
      <p className="muted small">
        {milliseconds(profile.milliseconds)} ms a step, the mean of {profile.steps.toLocaleString('en')} steps.
      </p>
      <Table profile={profile} all={all} />
      {more > 0 ? (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? 'Show the slowest only' : `Show ${more} more`}
        </button>
      ) : null}
    </section>
  );
}
