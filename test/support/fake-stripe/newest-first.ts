/** An object that lists can hold. */
export interface Listed {
  id: string;
  created: number;
}

/** Objects in the order of Stripe's lists: newest first. Of one second, the one added last comes first. */
export class NewestFirst<T extends Listed> {
  private readonly entries = new Map<string, { object: T; position: number }>();
  private added = 0;
  private sorted: T[] | null = null;

  constructor(objects: readonly T[] = []) {
    for (const object of objects) this.put(object);
  }

  get(id: string): T | undefined {
    return this.entries.get(id)?.object;
  }

  /** Adds an object, or replaces the one of its id. */
  put(object: T): void {
    this.added += 1;
    const position = this.entries.get(object.id)?.position ?? this.added;
    this.entries.set(object.id, { object, position });
    this.sorted = null;
  }

  remove(id: string): void {
    if (this.entries.delete(id)) this.sorted = null;
  }

  all(): readonly T[] {
    this.sorted ??= [...this.entries.values()]
      .toSorted((a, b) => b.object.created - a.object.created || b.position - a.position)
      .map(({ object }) => object);
    return this.sorted;
  }

  /**
   * The position of an object in {@link all}; -1 if it is missing. A binary search, because lists are long.
   */
  indexOf(id: string): number {
    const entry = this.entries.get(id);
    if (!entry) return -1;
    const all = this.all();
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.created ?? 0) > entry.object.created) low = middle + 1;
      else high = middle;
    }
    return all.indexOf(entry.object, low);
  }
}
