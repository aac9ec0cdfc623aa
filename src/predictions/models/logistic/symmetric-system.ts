/** Pivots below this share of their diagonal belong to columns that others determine. */
const DEPENDENT = 1e-10;

/**
 * Solves A x = b by Cholesky's decomposition, in place. A column that is constant or a combination of earlier
 * ones gets 0, so that the answer exists for every A without negative eigenvalues.
 * @param a the lower triangle of A by rows, `a[row * size + column]`; it is overwritten
 * @param b becomes x
 */
export function solveSymmetric(a: Float64Array, b: Float64Array): void {
  const size = b.length;
  for (let row = 0; row < size; row += 1) {
    const diagonal = a[row * size + row] as number;
    for (let column = 0; column <= row; column += 1) reduce(a, size, row, column);
    const pivot = a[row * size + row] as number;
    a[row * size + row] = pivot > DEPENDENT * diagonal ? Math.sqrt(pivot) : 0;
  }
  for (let row = 0; row < size; row += 1) {
    let rest = b[row] as number;
    for (let k = 0; k < row; k += 1) rest -= (a[row * size + k] as number) * (b[k] as number);
    b[row] = quotient(rest, a[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let rest = b[row] as number;
    for (let k = row + 1; k < size; k += 1) rest -= (a[k * size + row] as number) * (b[k] as number);
    b[row] = quotient(rest, a[row * size + row] as number);
  }
}

/** Takes the earlier columns out of one element, and divides it by the pivot of its column. */
function reduce(a: Float64Array, size: number, row: number, column: number): void {
  let rest = a[row * size + column] as number;
  for (let k = 0; k < column; k += 1) {
    rest -= (a[row * size + k] as number) * (a[column * size + k] as number);
  }
  a[row * size + column] = row === column ? rest : quotient(rest, a[column * size + column] as number);
}

function quotient(value: number, pivot: number): number {
  return pivot === 0 ? 0 : value / pivot;
}
