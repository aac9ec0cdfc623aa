/** The places of values in ascending order. */
export function ascendingOrder(values: Float64Array): Uint32Array {
  const places = Uint32Array.from(values.keys());
  return places.toSorted((a, b) => (values[a] as number) - (values[b] as number));
}
