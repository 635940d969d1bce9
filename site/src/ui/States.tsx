/** The states every list, chart and picture has besides being full. */
import type { ReactNode } from 'react';
import { Icon } from './Icon';
import type { IconName } from './icons';
import { Meter } from './Meter';

export function Empty({ icon, children, action }: { icon: IconName; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <Icon name={icon} />
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Loading({ label, fraction = null }: { label: string; fraction?: number | null }) {
  return (
    <div className="state" role="status">
      <Meter label={label} fraction={fraction} />
      <p>
        {label}
        {fraction === null ? '' : ` ${Math.round(fraction * 100)} %`}
      </p>
    </div>
  );
}

export function Failed({ problem, safe, action }: { problem: string; safe: string; action?: ReactNode }) {
  return (
    <div className="state failed" role="alert">
      <Icon name="error" />
      <p>{problem}</p>
      <p className="muted">{safe}</p>
      {action}
    </div>
  );
}

export function Problem({ tone = 'error', children }: { tone?: 'error' | 'warning'; children: ReactNode }) {
  return (
    <div className={tone === 'error' ? 'problem' : 'problem warning'} role={tone === 'error' ? 'alert' : 'note'}>
      <Icon name={tone === 'error' ? 'error' : 'warning'} />
      <div>{children}</div>
    </div>
  );
}
