/** The sum of the values of each customer. @param customers the customer of each value */
export function sumsByCustomer(values: ArrayLike<number>, customers: ArrayLike<number>): Map<number, number> {
  const sums = new Map<number, number>();
  for (let row = 0; row < values.length; row += 1) {
    const customer = customers[row] as number;
    sums.set(customer, (sums.get(customer) ?? 0) + (values[row] as number));
  }
  return sums;
}
