/** The browser phone as a static site: a private bucket behind CloudFront, and the `/config.json` that tells it of this stack. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  CachePolicy,
  Distribution,
  Function,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { emptyOnDeletion } from "./emptied-bucket.ts";

export interface SiteProps {
  /** Holds `<function name>/index.mjs`. */
  readonly bundles: string;

  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** Where calls meet, if at a LiveKit server. */
  readonly mediaUrl?: string;
}

/** Built on `npm ci` and by `npm run prepare`. */
const BUILT = join(import.meta.dirname, "..", "build", "web");

/** `/` and `/phone` are the same page; assets, and the files of an installed app, are found as they are. */
const TO_PAGE = `function handler(event) {
  var request = event.request;
  if (request.uri === "/" || /^\\/phone(\\/|$)/.test(request.uri)) request.uri = "/phone/index.html";
  return request;
}`;

/** What the page talks to: this Region's APIs, and IVS with its SDK or the LiveKit server, whose SDK is a part of the page. */
function contentSecurityPolicy(mediaUrl: string | undefined): string {
  const media = mediaUrl === undefined ? "*.live-video.net" : liveKitHosts(mediaUrl);
  return [
    "default-src 'self'",
    `script-src 'self'${mediaUrl === undefined ? " https://web-broadcast.live-video.net" : ""}`,
    `connect-src 'self' https://*.amazonaws.com wss://*.amazonaws.com https://${media} wss://${media}`,
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The cloud has other hosts for its regions. */
const liveKitHosts = (mediaUrl: string): string => {
  const { host } = new URL(mediaUrl);
  return host.endsWith(".livekit.cloud") ? "*.livekit.cloud" : host;
};

export class Site extends Construct {
  constructor(scope: Construct, id: string, { bundles, ...addresses }: SiteProps) {
    super(scope, id);
    if (!existsSync(join(BUILT, "phone", "index.html"))) {
      throw new Error(`context "site": ${BUILT} holds no pages; build them with npm run prepare`);
    }
    const bucket = this.#createBucket();
    const distribution = this.#createDistribution(bucket, addresses.mediaUrl);
    const emptied = emptyOnDeletion(bucket, bundles);
    for (const upload of this.#upload(bucket, distribution, addresses)) upload.node.addDependency(emptied);
    const url = `https://${distribution.distributionDomainName}`;
    new CfnOutput(Stack.of(this), "SiteUrl", { value: url, description: "The phone, in a browser" });
  }

  /** What it holds is made by each deployment again. */
  #createBucket(): Bucket {
    const bucket = new Bucket(this, "bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(bucket, "Public pages, read by CloudFront alone", "AwsSolutions-S1");
    return bucket;
  }

  #createDistribution(bucket: Bucket, mediaUrl: string | undefined): Distribution {
    const toPage = new Function(this, "to-page", {
      code: FunctionCode.fromInline(TO_PAGE),
      runtime: FunctionRuntime.JS_2_0,
    });
    const distribution = new Distribution(this, "distribution", {
      comment: "Ringmaster: the phone in a browser",
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.#headers(contentSecurityPolicy(mediaUrl)),
        functionAssociations: [{ function: toPage, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
    });
    acknowledge(
      distribution,
      "People call from everywhere; the pages hold no secret, so neither a firewall nor a log of readers is kept; the domain is CloudFront's own, whose TLS versions it sets",
      "AwsSolutions-CFR1",
      "AwsSolutions-CFR2",
      "AwsSolutions-CFR3",
      "AwsSolutions-CFR4",
    );
    return distribution;
  }

  #headers(policy: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, "headers", {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: "permissions-policy", value: "camera=(self), microphone=(self)", override: true },
        ],
      },
    });
  }

  /**
   * The console is not public: `npm run console` serves it to operators with the account's credentials. Assets carry a hash in
   * their names and those of earlier deployments stay, for pages that are open meanwhile.
   */
  #upload(
    destinationBucket: Bucket,
    distribution: Distribution,
    addresses: Omit<SiteProps, "bundles">,
  ): BucketDeployment[] {
    const config = { runtime: "aws", region: Stack.of(this).region, ...addresses };
    const assets = new BucketDeployment(this, "upload-assets", {
      destinationBucket,
      destinationKeyPrefix: "assets",
      sources: [Source.asset(join(BUILT, "assets"))],
      cacheControl: [CacheControl.immutable(), CacheControl.maxAge(Duration.days(365))],
      prune: false,
    });
    const pages = new BucketDeployment(this, "upload-pages", {
      destinationBucket,
      distribution,
      distributionPaths: ["/phone/*", "/app/*", "/config.json"],
      sources: [
        Source.asset(BUILT, { exclude: ["console", "assets", ".made.json"] }),
        Source.jsonData("config.json", config),
      ],
      cacheControl: [CacheControl.noCache()],
      prune: false,
    });
    pages.node.addDependency(assets);
    acknowledgeUploader(pages, destinationBucket);
    return [assets, pages];
  }
}

/** CDK's own function copies the files, with a role and a runtime of CDK's choice. */
function acknowledgeUploader({ handlerRole }: BucketDeployment, bucket: Bucket): void {
  const uploader = handlerRole.node.scope;
  if (!uploader) throw new Error("the uploader's role stands alone");
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket); // an L2 bucket's default child is its L1
  acknowledge(
    uploader,
    "CDK's uploader of files, which runs during deployments only: its role and runtime are CDK's",
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    ...["s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:Abort*", "s3:DeleteObject*"].map(
      (action) => `AwsSolutions-IAM5[Action::${action}]`,
    ),
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]",
    `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`,
    "AwsSolutions-IAM5[Resource::*]",
    "AwsSolutions-L1",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaLatestVersion",
    "Serverless-LambdaTracing",
  );
}
