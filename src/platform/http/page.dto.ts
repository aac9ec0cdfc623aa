import { Type as Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import {
  And,
  FindOperator,
  LessThan,
  type FindOptionsOrder,
  type FindOptionsWhere,
  type Repository,
} from 'typeorm';

/** How many entries of a list to return. */
export class LimitQuery {
  /** The number of entries to return. */
  @IsInt()
  @Min(1)
  @Max(100)
  @Transform(() => Number)
  limit: number = 20;
}

/** Query parameters of the lists whose entries have a UUID v7. */
export class PageQuery extends LimitQuery {
  /** The `nextCursor` of the previous page. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

/** A page of a list, newest first; `nextCursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/**
 * One page of rows whose id is a UUID v7, newest first: the id is the order and the cursor, so all pages cost
 * the same.
 * @param where conditions, all of which must hold; of several sets, one must hold
 * @param omit columns that are not read
 */
export async function findPage<E extends { id: string }>(
  repository: Repository<E>,
  query: PageQuery,
  where: FindOptionsWhere<E> | FindOptionsWhere<E>[],
  omit: (keyof E & string)[] = [],
): Promise<Page<E>> {
  const columns = repository.metadata.columns.map((column) => column.propertyName);
  const rows = await repository.find({
    select: Object.fromEntries(columns.map((column) => [column, !omit.includes(column as never)])) as never,
    where: (Array.isArray(where) ? where : [where]).map((conditions) => ({
      ...conditions,
      ...(query.cursor ? { id: before(query.cursor, conditions.id) } : {}),
    })) as FindOptionsWhere<E>[],
    order: { id: 'DESC' } as FindOptionsOrder<E>,
    take: query.limit + 1,
  });
  const items = rows.slice(0, query.limit);
  return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
}

function before(cursor: string, condition: unknown): FindOperator<string> {
  return condition instanceof FindOperator ? And(LessThan(cursor), condition) : LessThan(cursor);
}
