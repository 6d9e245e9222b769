/** A method of a service, as its .proto file declares it. */
export interface GrpcMethod {
  /** "/package.Service/Method" */
  path: string;
  /** Whether each side may send more than one message. */
  clientStreams: boolean;
  serverStreams: boolean;
}
