/** What the outputs say that do not tell a class: pictures as pictures, numbers in the unit of the column they guess. */
import type { ReactNode } from 'react';
import { columnName, inOwnUnit } from '../../state/columns';
import { useData } from '../../state/data';
import { useTest, type FurtherAnswer } from '../../state/testing';
import { pictureSize } from '../../state/question';
import { useTargets } from '../../engine/useTargets';
import { Picture } from '../../ui/Picture';

const mostNumbers = 12;

function Figures({ answer }: { answer: FurtherAnswer }) {
  const info = useData((state) => state.info);
  const column = useTargets()[answer.name];
  const [only] = answer.values;
  const text =
    column !== undefined && info?.columns?.includes(column) && only !== undefined
      ? `${columnName(column)} ${inOwnUnit(info, column, only).toFixed(2)}`
      : [...answer.values.slice(0, mostNumbers)].map((value) => value.toPrecision(3)).join(', ');
  return (
    <div>
      <dt>{columnName(answer.name)}</dt>
      <dd>{text}</dd>
    </div>
  );
}

/** `children`: a picture to stand before theirs. */
export function FurtherAnswers({ children }: { children?: ReactNode }) {
  const further = useTest((state) => state.further);
  const info = useData((state) => state.info);
  const size = info ? pictureSize(info.input_shape) : null;
  if (further.length === 0 && children === undefined) return null;
  const isPicture = (answer: FurtherAnswer) =>
    size !== null && answer.values.length === size.width * size.height * size.channels;
  const pictures = further.filter(isPicture);
  const figures = further.filter((answer) => !isPicture(answer) && answer.values.length > 0);
  return (
    <section className="further" aria-label="Other outputs">
      {size && (pictures.length > 0 || children !== undefined) ? (
        <ul className="further-pictures">
          {children === undefined ? null : <li>{children}</li>}
          {pictures.map((answer) => (
            <li key={answer.name}>
              <figure className="seen">
                <Picture
                  values={answer.values.map(Math.abs)}
                  {...size}
                  label={`Output ${columnName(answer.name)}`}
                  className="picture large"
                />
                <figcaption className="muted small">{columnName(answer.name)}</figcaption>
              </figure>
            </li>
          ))}
        </ul>
      ) : null}
      {figures.length > 0 ? (
        <dl className="figures">
          {figures.map((answer) => (
            <Figures key={answer.name} answer={answer} />
          ))}
        </dl>
      ) : null}
    </section>
  );
}
