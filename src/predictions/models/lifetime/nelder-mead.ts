/** A point with the value of the function there. */
interface Vertex {
  point: number[];
  value: number;
}

const STEP = 0.5;
const STEPS_MAX = 2000;

/**
 * Minimises a function by the simplex of Nelder and Mead (1965): reflect the worst point at the centre of the others,
 * expand, contract, or shrink to the best one. It ends when all values agree within `tolerance`.
 */
export function minimise(
  of: (point: readonly number[]) => number,
  start: readonly number[],
  tolerance = 1e-12,
): Vertex {
  const at = (point: number[]): Vertex => ({ point, value: of(point) });
  let simplex = [
    at([...start]),
    ...start.map((_, axis) => at(start.map((x, i) => (i === axis ? x + STEP : x)))),
  ];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    simplex = simplex.toSorted((a, b) => a.value - b.value);
    const [best, worst] = [simplex[0] as Vertex, simplex.at(-1) as Vertex];
    if (worst.value - best.value <= tolerance * (1 + Math.abs(best.value)) && sizeOf(simplex) < 1e-8) break;
    simplex = nextSimplex(simplex, at);
  }
  return simplex[0] as Vertex;
}

/** @param simplex ascending by value */
function nextSimplex(simplex: readonly Vertex[], at: (point: number[]) => Vertex): Vertex[] {
  const [best, worst] = [simplex[0] as Vertex, simplex.at(-1) as Vertex];
  const others = simplex.slice(0, -1);
  const centre = worst.point.map((_, axis) => {
    return others.reduce((sum, { point }) => sum + (point[axis] as number), 0) / others.length;
  });
  const along = (factor: number) => at(between(centre, worst.point, factor));
  const reflected = along(-1);
  if (reflected.value < best.value) {
    const expanded = along(-2);
    return [...others, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < (others.at(-1) as Vertex).value) return [...others, reflected];
  const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...others, contracted];
  return [best, ...simplex.slice(1).map(({ point }) => at(between(best.point, point, 0.5)))];
}

/** The point at `factor` of the way. */
function between(from: readonly number[], to: readonly number[], factor: number): number[] {
  return from.map((x, axis) => x + factor * ((to[axis] as number) - x));
}

function sizeOf([first, ...others]: readonly Vertex[]): number {
  return Math.max(
    ...others.flatMap(({ point }) => point.map((x, axis) => Math.abs(x - (first?.point[axis] as number)))),
  );
}
