// Columns of a small graph: a service stands one column right of the last that asks it.

interface Node {
  readonly name: string;
  readonly entry: boolean;
}
interface Call {
  readonly from: string;
  readonly to: string;
}

/** Names by column, top to bottom. Circles end where they began; what nobody asks stands last. */
export function columns(nodes: readonly Node[], calls: readonly Call[]): string[][] {
  const depth = new Map<string, number>();
  const visit = (name: string, at: number, path: readonly string[]) => {
    if (path.includes(name) || (depth.get(name) ?? -1) >= at) return;
    depth.set(name, at);
    for (const call of calls) if (call.from === name) visit(call.to, at + 1, [...path, name]);
  };
  for (const node of nodes) if (node.entry) visit(node.name, 0, []);
  const last = Math.max(0, ...depth.values());
  const alone = nodes.filter((node) => !depth.has(node.name)).map((node) => node.name);
  const placed = Array.from({ length: last + 1 }, (_, column) =>
    nodes.filter((node) => depth.get(node.name) === column).map((node) => node.name),
  );
  const order = new Map<string, number>();
  for (const column of placed) {
    // Beneath one another as those that ask them are.
    const middle = (name: string) => {
      const above = calls.filter((call) => call.to === name && order.has(call.from));
      return (
        above.reduce((sum, call) => sum + (order.get(call.from) ?? 0), 0) /
        Math.max(1, above.length)
      );
    };
    column.sort((one, other) => middle(one) - middle(other));
    column.forEach((name, index) => {
      order.set(name, index);
    });
  }
  return alone.length > 0 ? [...placed, alone] : placed;
}
