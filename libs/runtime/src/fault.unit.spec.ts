import { describe, expect, it } from '@jest/globals';
import { FaultWatch, faultOf } from './fault.js';

const error = (members: object, message = 'connect ECONNREFUSED 10.1.2.3:5432'): Error =>
  Object.assign(new Error(message), members);

describe('a fault', () => {
  it.each([
    [{ code: '53100' }, 'DISK_FULL'],
    [{ code: 'ENOSPC' }, 'DISK_FULL'],
    [{ code: '25006' }, 'DATABASE_READ_ONLY'],
    [{ code: 'ECONNREFUSED' }, 'DATABASE_DOWN'],
    [{ code: '57P01' }, 'DATABASE_DOWN'],
    [{ code: '57P03', name: 'ClockBehindError' }, 'CLOCK_BEHIND'],
    [{ code: '57P03', name: 'MasterKeyMissingError' }, 'MASTER_KEY_MISSING'],
    [{ name: 'KafkaJSConnectionError' }, 'KAFKA_DOWN'],
    [{ name: 'KafkaJSProtocolError', type: 'UNKNOWN_TOPIC_OR_PARTITION' }, 'TOPIC_MISSING'],
    [{ name: 'TypeError' }, 'FAILING'],
  ])('%j is %s, and tells nothing of the message', (members, code) => {
    const fault = faultOf(error(members));
    expect(fault.code).toBe(code);
    expect(fault.reason).not.toContain('10.1.2.3');
  });

  it('is found behind an error that only wraps it', () => {
    expect(faultOf(new Error('outer', { cause: error({ code: '53100' }) })).code).toBe('DISK_FULL');
  });

  it('is told once it lasts, and no more when work goes on', () => {
    const watch = new FaultWatch();
    expect(watch.lasting(0)).toBeNull();
    watch.failed(error({ code: '53100' }));
    expect(watch.lasting(60)).toBeNull();
    expect(watch.lasting(0)).toMatchObject({ code: 'DISK_FULL', seconds: 0 });
    watch.worked();
    expect(watch.lasting(0)).toBeNull();
  });
});
