/** One page out of `limit + 1` rows: whether there are more, and where the next page begins. */
export function pageOf<Row extends { id: string }>(rows: readonly Row[], limit: number) {
  const page = rows.slice(0, limit);
  const has_more = rows.length > limit;
  return { page, has_more, next_cursor: has_more ? (page.at(-1)?.id ?? null) : null };
}
