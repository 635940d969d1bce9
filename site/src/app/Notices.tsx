import { useEffect } from 'react';
import { dismiss, useUi, type Notice } from '../state/ui';
import { Icon } from '../ui/Icon';

const icons = { info: 'info', good: 'check', warning: 'warning', error: 'error' } as const;
const shownMs = { info: 6000, good: 4000, warning: 8000, error: 15000 } as const;

function NoticeRow({ notice }: { notice: Notice }) {
  useEffect(() => {
    const timer = setTimeout(() => dismiss(notice.id), shownMs[notice.tone]);
    return () => clearTimeout(timer);
  }, [notice.id, notice.tone]);
  return (
    <li className={`notice ${notice.tone}`}>
      <Icon name={icons[notice.tone]} />
      <span role={notice.tone === 'error' || notice.tone === 'warning' ? 'alert' : 'status'}>{notice.text}</span>
      {notice.action ? (
        <button type="button" className="button quiet" onClick={notice.action.run}>
          {notice.action.label}
        </button>
      ) : null}
      <button type="button" className="button quiet icon-only" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
        <Icon name="close" />
      </button>
    </li>
  );
}

export function Notices() {
  const notices = useUi((state) => state.notices);
  return (
    <section aria-label="Messages">
      <ul className="notices">
        {notices.map((notice) => (
          <NoticeRow key={notice.id} notice={notice} />
        ))}
      </ul>
    </section>
  );
}
