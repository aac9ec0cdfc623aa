/** The ids of the customers that are named, by themselves or by their user. */
const CUSTOMERS = `
  select coalesce(of_user.id, "customerId")
  from json_to_recordset($1::json) as changed ("customerId" uuid, "userId" text)
  left join customers of_user on of_user.user_id = "userId"`;

/**
 * Makes and locks the membership rows of customers, in the order of their ids, in two statements: the second one sees
 * rows that another transaction made at the same time. The evaluation that follows sees everything that committed before
 * it got the locks. `$1` is a JSON array of `ChangedCustomer`.
 */
export const LOCK_MEMBERSHIPS = [
  `insert into customer_segments (customer_id, member_of, first_member_of, revision, evaluated_at, is_projected)
    select id, '{}', '{}', 0, now(), true from customers where id in (${CUSTOMERS}) order by id
    on conflict do nothing`,
  `select from customer_segments where customer_id in (${CUSTOMERS}) order by customer_id for update`,
];
