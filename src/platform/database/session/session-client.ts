import pg from 'pg';
import { SESSION_OPTIONS } from './session-settings.js';

/** Undeclared properties of pg's client. */
interface WithParameters {
  connectionParameters: { options?: string };
}

/**
 * A client whose session has the settings that the service relies on, independent of server, database and
 * role. They are sent with the start of the connection, so they cost no round trip and survive a RESET.
 *
 * The borrower of a client learns of a lost session from its next query. The client has a listener for the error from the
 * beginning: without one the process would end if the session is lost before the borrower adds its own.
 */
export class SessionClient extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super(config);
    const { connectionParameters } = this as unknown as WithParameters;
    // pg ignores the given options if the URL has some, so both are joined.
    const given = new Set([connectionParameters.options, config.options]);
    connectionParameters.options = [...given, SESSION_OPTIONS].filter(Boolean).join(' ');
    this.on('error', () => undefined);
  }
}
