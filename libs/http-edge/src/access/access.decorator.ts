import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Role } from './caller.js';

/** Who may use a route: anybody, or whoever has one of the roles; and how dear an answer is. */
export type RouteAccess = 'open' | { readonly roles: readonly Role[]; readonly isCostly?: boolean };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

/** Name of the security scheme in the OpenAPI documents. */
export const BEARER = 'bearer';
/** Roles of an operation in the OpenAPI documents. */
export const ROLES_EXTENSION = 'x-roles';

/**
 * Declares who may use a route, or every route of a controller that does not say it itself. One without it is refused when
 * the app starts.
 */
export function Access(access: RouteAccess): MethodDecorator & ClassDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (descriptor !== undefined) {
      declare(access, target, descriptor);
      return;
    }
    const { prototype } = target as { prototype: object };
    for (const own of Object.values(Object.getOwnPropertyDescriptors(prototype))) {
      if (isRoute(own.value) && !declared.has(own.value)) declare(access, prototype, own);
    }
  };
}

const declared = new WeakSet<object>();

function declare(access: RouteAccess, target: object, descriptor: PropertyDescriptor): void {
  const handler = descriptor.value as object;
  declared.add(handler);
  RouteConfig({ access })(target, '', descriptor);
  if (access === 'open') return;
  ApiSecurity(BEARER)(target, '', descriptor);
  ApiExtension(ROLES_EXTENSION, [...access.roles])(target, '', descriptor);
}

function isRoute(value: unknown): value is object {
  return typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value);
}
