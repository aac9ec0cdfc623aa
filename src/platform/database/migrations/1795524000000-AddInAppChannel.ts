import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Notifications through several channels, some of which can repeat, and messages that MINGUS shows itself.
 * The index is built outside a transaction, so it blocks nothing. The default is for processes of the
 * previous release, which still insert rows.
 */
export class AddInAppChannel1795524000000 implements MigrationInterface {
  name = 'AddInAppChannel1795524000000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table notifications add column if not exists occurrence text not null default ''`,
    );
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists uq_notifications_user_id_kind_channel');
    await queryRunner.query(`create unique index concurrently uq_notifications_user_id_kind_channel
      on notifications (user_id, kind, channel, occurrence)`);
    await queryRunner.query(`
      alter table notifications
        drop constraint uq_notifications_user_id_kind,
        add constraint uq_notifications_user_id_kind_channel unique using index uq_notifications_user_id_kind_channel;
      create table in_app_messages (
        id uuid not null,
        user_id text not null,
        kind text not null,
        locale text not null,
        title text not null,
        body text not null,
        created_at timestamptz not null,
        read_at timestamptz,
        constraint pk_in_app_messages primary key (id),
        constraint fk_in_app_messages_notification foreign key (id) references notifications(id) on delete cascade
      );
      create index idx_in_app_messages_user_id on in_app_messages (user_id, id);`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      drop table in_app_messages;
      delete from notifications where channel <> 'email' or occurrence <> '';
      alter table notifications
        drop constraint uq_notifications_user_id_kind_channel,
        add constraint uq_notifications_user_id_kind unique (user_id, kind),
        drop column occurrence;`);
  }
}
