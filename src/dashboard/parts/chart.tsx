import type { Child } from "hono/jsx";

export interface Bar {
  /** What it stands for, in short, such as `3`. */
  label: string;
  /** The same in full with its value, for pointing at it. */
  title: string;
  value: number;
}

const WIDTH = 720;
const HEIGHT = 160;
const FLOOR = 18;
const LABELS = 16;

/** Bars of one measure, drawn on the server. The same figures stand in `children`, a table that can be opened. */
export function BarChart({
  id,
  title,
  summary,
  top_label,
  bars,
  table_label,
  children,
}: {
  id: string;
  title: string;
  /** What the picture shows, in a sentence. */
  summary: string;
  /** The highest value, written. */
  top_label: string;
  bars: readonly Bar[];
  table_label: string;
  children?: Child;
}) {
  const highest = Math.max(...bars.map(({ value }) => value), 0);
  const step = WIDTH / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / LABELS);
  const heightOf = (value: number) =>
    highest > 0 ? Math.max(value > 0 ? 2 : 0, (value / highest) * (HEIGHT - FLOOR - 14)) : 0;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-desc`}
        preserveAspectRatio="none"
      >
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>{summary}</desc>
        <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT - FLOOR} y2={HEIGHT - FLOOR} />
        <line class="grid" x1="0" x2={WIDTH} y1="14" y2="14" />
        {bars.map(({ title: name, value }, at) => (
          <rect
            class="bar"
            x={(at * step + step * 0.12).toFixed(1)}
            y={(HEIGHT - FLOOR - heightOf(value)).toFixed(1)}
            width={(step * 0.76).toFixed(1)}
            height={heightOf(value).toFixed(1)}
            rx="2"
          >
            <title>{name}</title>
          </rect>
        ))}
      </svg>
      <p class="chart-top" aria-hidden="true">
        {highest > 0 ? top_label : ""}
      </p>
      <p class="chart-labels" aria-hidden="true">
        {bars.map(({ label }, at) => (
          <span>{(bars.length - 1 - at) % every === 0 ? label : ""}</span>
        ))}
      </p>
      <details>
        <summary>{table_label}</summary>
        {children}
      </details>
    </figure>
  );
}
