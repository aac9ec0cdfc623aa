import { RequestMethod, SetMetadata } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ApiExtension, ApiForbiddenResponse } from '@nestjs/swagger';
import type { Role } from '../caller.js';
import { ProblemDetails } from '../http/problem-details.filter.js';

const ROLE = 'requiredRole';
const MANAGES_KEYS = 'managesKeys';
const OPENS_IN_BROWSER = 'opensInBrowser';

/** The role that a route needs, if it differs from the default of its controller. */
export const Requires = (role: Role): MethodDecorator => SetMetadata(ROLE, role);

/** A controller of keys. `ADMIN_API_KEY` is always accepted here. */
export const ManagesKeys = (): ClassDecorator => SetMetadata(MANAGES_KEYS, true);

/**
 * A controller of pages for people. The browser asks for a password, which is a key, with any user name. Only
 * for routes that change nothing, because a browser sends the password also with requests from other sites.
 */
export const OpensInBrowser = (): ClassDecorator => SetMetadata(OPENS_IN_BROWSER, true);

/** The requirements of a route for its callers. */
export interface Requirement {
  role: Role;
  managesKeys: boolean;
  opensInBrowser: boolean;
}

/** @throws if the controller of the route declares no roles; the route is then closed to all callers */
export function requirementOf(controller: object, handler: object): Requirement {
  const role = Reflect.getMetadata(ROLE, handler) as Role | undefined;
  if (!role) throw new Error('The controller of a guarded route does not declare its roles');
  return {
    role,
    managesKeys: Reflect.hasMetadata(MANAGES_KEYS, controller),
    opensInBrowser: Reflect.hasMetadata(OPENS_IN_BROWSER, controller),
  };
}

/**
 * Declares the role of each route of a controller, also in the API document.
 * @param defaults for routes without {@link Requires}: GET routes, and all others
 */
export function declareRoles(defaults: { reading: Role; acting: Role }): ClassDecorator {
  return ({ prototype }) => {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
      const handler = descriptor.value as object | undefined;
      const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
      if (!handler || method === undefined) continue;
      const fallback = method === RequestMethod.GET ? defaults.reading : defaults.acting;
      const role = (Reflect.getMetadata(ROLE, handler) as Role | undefined) ?? fallback;
      for (const decorate of [
        Requires(role),
        ApiExtension('x-required-role', role),
        ApiForbiddenResponse({ description: `The key must have the role ${role}`, type: ProblemDetails }),
      ]) {
        decorate(prototype as object, name, descriptor);
      }
    }
  };
}
