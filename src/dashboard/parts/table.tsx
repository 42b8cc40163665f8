import type { Child } from "hono/jsx";

export interface TableColumn<Row> {
  heading: string;
  /** What the heading says besides, beneath it. */
  heading_note?: string;
  cell: (row: Row) => Child;
  /** Numbers stand right, one under the other. */
  numeric?: boolean;
  /** The cell that names the row, for screen readers. */
  names_row?: boolean;
}

/**
 * A table that scrolls within itself where it is too wide; on a phone each row is a card, with its headings beside the
 * cells. `caption` says what it is of.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  hide_caption = false,
}: {
  caption: string;
  columns: readonly TableColumn<Row>[];
  rows: readonly Row[];
  hide_caption?: boolean;
}) {
  return (
    <section class="table" aria-label={caption} tabindex={0}>
      <table>
        <caption class={hide_caption ? "hidden" : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ heading, heading_note, numeric }) => (
              <th scope="col" class={numeric ? "number" : undefined}>
                {heading}
                {heading_note ? (
                  <>
                    <br />
                    {heading_note}
                  </>
                ) : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ heading, heading_note, cell, numeric, names_row }) =>
                names_row ? (
                  <th scope="row">{cell(row)}</th>
                ) : (
                  <td
                    class={numeric ? "number" : undefined}
                    data-heading={heading_note ? `${heading} ${heading_note}` : heading}
                  >
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What stands where a list has nothing yet: what will be there, and how it comes there. */
export function Empty({ title, text, children }: { title: string; text?: string; children?: Child }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {text ? <p>{text}</p> : null}
      {children}
    </div>
  );
}

/** To the page of older rows, and back to the newest. */
export function Pager({
  newest_href,
  older_href,
  words,
}: {
  newest_href: string | null;
  older_href: string | null;
  words: { newest: string; older: string; label: string };
}) {
  if (!newest_href && !older_href) return null;
  return (
    <nav class="pager" aria-label={words.label}>
      {newest_href ? <a href={newest_href}>{words.newest}</a> : null}
      {older_href ? (
        <a href={older_href} rel="next">
          {words.older}
        </a>
      ) : null}
    </nav>
  );
}
