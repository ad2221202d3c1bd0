import * as Effect from "effect/Effect"

// A proxy may not answer other than its target for a property that can never change.
const isFixed = (target: object, property: PropertyKey): boolean => {
  const described = Reflect.getOwnPropertyDescriptor(target, property)
  return described !== undefined && described.configurable === false && described.writable === false
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function"

/** The service, with `used` called whenever one of its methods is called or one of its effects is taken. */
export const watched = (service: unknown, used: () => void): unknown => {
  if (!isObject(service)) return service
  const proxy: object = new Proxy(service, {
    get: (target, property) => {
      // Getters and private fields want the service itself.
      const value: unknown = Reflect.get(target, property, target)
      if (isFixed(target, property)) return value
      if (typeof value !== "function") {
        if (Effect.isEffect(value)) used()
        return value
      }
      return new Proxy(value, {
        apply: (method, self, args) => {
          used()
          return Reflect.apply(method, self === proxy ? target : self, args)
        }
      })
    },
    apply: (target, self, args) => {
      used()
      // Only a function has this trap.
      return Reflect.apply(target as (...args: ReadonlyArray<unknown>) => unknown, self, args)
    }
  })
  return proxy
}
