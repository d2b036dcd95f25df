//! The `endpoints` block: an address for each service, under hashicorp/aws's names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::resource::attr::{Attr, Nesting, Schema, Shape, optional};
use crate::resource::model::{Field, Mismatch, only_element};
use crate::value::{Type, Value};

/// Names of services and their other spellings. The first is the name of the client; services that are not built in
/// are accepted, so that a block written for all of a stack's tools fits.
const SERVICES: &[&[&str]] = &[
    &["codedeploy"],
    &["ec2"],
    &["ecr"],
    &["ecs"],
    &["elbv2", "elasticloadbalancingv2", "elb", "elasticloadbalancing"],
    &["iam"],
    &["logs", "cloudwatchlogs", "cloudwatchlog"],
    &["route53"],
    &["sts"],
    &["accessanalyzer"],
    &["account"],
    &["acm"],
    &["acmpca"],
    &["amplify"],
    &["apigateway"],
    &["apigatewayv2"],
    &["appautoscaling", "applicationautoscaling"],
    &["appconfig"],
    &["appmesh"],
    &["apprunner"],
    &["appsync"],
    &["athena"],
    &["autoscaling"],
    &["autoscalingplans"],
    &["backup"],
    &["batch"],
    &["bedrock"],
    &["budgets"],
    &["ce", "costexplorer"],
    &["cloud9"],
    &["cloudcontrol", "cloudcontrolapi"],
    &["cloudformation"],
    &["cloudfront"],
    &["cloudtrail"],
    &["cloudwatch"],
    &["codeartifact"],
    &["codebuild"],
    &["codecommit"],
    &["codeconnections"],
    &["codepipeline"],
    &["codestarconnections"],
    &["codestarnotifications"],
    &["cognitoidentity"],
    &["cognitoidp", "cognitoidentityprovider"],
    &["configservice", "config"],
    &["dax"],
    &["directconnect"],
    &["dlm"],
    &["dms", "databasemigration", "databasemigrationservice"],
    &["docdb"],
    &["ds", "directoryservice"],
    &["dynamodb"],
    &["ebs"],
    &["ecrpublic"],
    &["efs"],
    &["eks"],
    &["elasticache"],
    &["elasticbeanstalk", "beanstalk"],
    &["elasticsearch", "es", "elasticsearchservice"],
    &["elastictranscoder"],
    &["emr"],
    &["events", "eventbridge", "cloudwatchevents"],
    &["firehose"],
    &["fis"],
    &["fsx"],
    &["globalaccelerator"],
    &["glue"],
    &["grafana", "managedgrafana", "amg"],
    &["guardduty"],
    &["imagebuilder"],
    &["inspector2", "inspectorv2"],
    &["iot"],
    &["kafka", "msk"],
    &["kinesis"],
    &["kms"],
    &["lambda"],
    &["lightsail"],
    &["memorydb"],
    &["mq"],
    &["mwaa"],
    &["neptune"],
    &["networkfirewall"],
    &["opensearch", "opensearchservice"],
    &["organizations"],
    &["pipes"],
    &["prometheusservice", "prometheus", "amp"],
    &["ram"],
    &["rds"],
    &["redshift"],
    &["redshiftdata", "redshiftdataapiservice"],
    &["resourcegroups"],
    &["resourcegroupstaggingapi", "resourcegroupstagging"],
    &["route53domains"],
    &["route53resolver"],
    &["s3", "s3api"],
    &["s3control"],
    &["sagemaker"],
    &["scheduler"],
    &["schemas"],
    &["secretsmanager"],
    &["securityhub"],
    &["servicecatalog"],
    &["servicediscovery"],
    &["servicequotas"],
    &["ses"],
    &["sesv2"],
    &["sfn", "stepfunctions"],
    &["shield"],
    &["signer"],
    &["sns"],
    &["sqs"],
    &["ssm"],
    &["sso", "ssoadmin"],
    &["synthetics"],
    &["timestreamwrite"],
    &["transcribe", "transcribeservice"],
    &["transfer"],
    &["waf"],
    &["wafregional"],
    &["wafv2"],
    &["workspaces"],
    &["xray"],
];

/// Addresses by the name that the stack file uses.
#[derive(Clone, Default, PartialEq)]
pub struct Endpoints(BTreeMap<&'static str, String>);

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let attr = |&name: &&'static str| {
        Attr::new(name, "Address to call in place of AWS's.", Shape::Plain(Type::String), optional())
    };
    Schema::new("Addresses to call in place of AWS's.", SERVICES.iter().copied().flatten().map(attr).collect())
});

impl Endpoints {
    /// The address of each service, by the name of its client; the first spelling wins.
    pub(crate) fn by_client(&self) -> BTreeMap<String, String> {
        let address = |names: &&[&'static str]| {
            let address = names.iter().find_map(|name| self.0.get(name))?;
            Some(((*names.first()?).to_owned(), address.clone()))
        };
        SERVICES.iter().filter_map(address).collect()
    }

    /// Addresses that are not `http://` or `https://` URLs, with their names.
    pub(crate) fn malformed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let is_url = |text: &str| {
            ["http://", "https://"].iter().any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
        };
        self.0.iter().map(|(name, text)| (*name, text.as_str())).filter(move |(_, text)| !is_url(text))
    }
}

impl Field for Endpoints {
    type Inner = Self;

    fn shape() -> Shape {
        Shape::Block(Nesting::One, &SCHEMA)
    }

    fn encode(&self) -> Value {
        Value::list(SCHEMA.ty.clone(), vec![self.encode_element()])
    }

    fn encode_element(&self) -> Value {
        let entry = |attr: &Attr| (attr.name.into(), self.0.get(attr.name).cloned().encode());
        Value::object(SCHEMA.attrs.iter().map(entry).collect())
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        Self::decode_element(only_element(value)?)
    }

    fn decode_element(value: &Value) -> Result<Self, Mismatch> {
        let mut addresses = BTreeMap::new();
        for attr in &SCHEMA.attrs {
            let address: Option<String> = crate::resource::model::decode_named(value, attr.name)?;
            addresses.extend(address.filter(|text| !text.is_empty()).map(|text| (attr.name, text)));
        }
        Ok(Self(addresses))
    }
}
