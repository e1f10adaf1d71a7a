/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of the served kinds and their types, one struct a line, as Tekton's CustomResourceDefinitions and the
 * core API declare them (a field that the CRDs leave open is "x").
 *
 * "name:type …" with: s string, i integer, n number, b boolean, o object of anything, e object without fields,
 * a array of anything, x anything, [T array of T, {T object of T, else the name of a struct. */

#include "config.h"

#include "chd-api-schema.h"

const char *const chd_api_schema_structs[] = {
  "PropertiesValue type:s",
  "Param default:x description:s enum:[s name:s properties:{PropertiesValue type:s",
  "Result description:s name:s properties:{PropertiesValue type:s value:x",
  "Claim name:s request:s",
  "ComputeResources claims:[Claim limits:{x requests:{x",
  "ConfigMapKeyRef key:s name:s optional:b",
  "FieldRef apiVersion:s fieldPath:s",
  "FileKeyRef key:s optional:b path:s volumeName:s",
  "ResourceFieldRef containerName:s divisor:x resource:s",
  "ValueFrom configMapKeyRef:ConfigMapKeyRef fieldRef:FieldRef fileKeyRef:FileKeyRef "
  "resourceFieldRef:ResourceFieldRef secretKeyRef:ConfigMapKeyRef",
  "Env name:s value:s valueFrom:ValueFrom",
  "ConfigMapRef name:s optional:b",
  "EnvFrom configMapRef:ConfigMapRef prefix:s secretRef:ConfigMapRef",
  "Exec command:[s",
  "HttpHeader name:s value:s",
  "HttpGet host:s httpHeaders:[HttpHeader path:s port:x scheme:s",
  "Sleep seconds:i",
  "TcpSocket host:s port:x",
  "PostStart exec:Exec httpGet:HttpGet sleep:Sleep tcpSocket:TcpSocket",
  "Lifecycle postStart:PostStart preStop:PostStart stopSignal:s",
  "Grpc port:i service:s",
  "LivenessProbe exec:Exec failureThreshold:i grpc:Grpc httpGet:HttpGet initialDelaySeconds:i periodSeconds:i "
  "successThreshold:i tcpSocket:TcpSocket terminationGracePeriodSeconds:i timeoutSeconds:i",
  "Port containerPort:i hostIP:s hostPort:i name:s protocol:s",
  "AppArmorProfile localhostProfile:s type:s",
  "Capabilities add:[s drop:[s",
  "SeLinuxOptions level:s role:s type:s user:s",
  "WindowsOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s",
  "SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities "
  "privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:i runAsNonRoot:b runAsUser:i "
  "seLinuxOptions:SeLinuxOptions seccompProfile:AppArmorProfile windowsOptions:WindowsOptions",
  "VolumeDevice devicePath:s name:s",
  "VolumeMount mountPath:s mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s",
  "Workspace mountPath:s name:s",
  "Sidecar args:[s command:[s computeResources:ComputeResources env:[Env envFrom:[EnvFrom image:s "
  "imagePullPolicy:s lifecycle:Lifecycle livenessProbe:LivenessProbe name:s ports:[Port "
  "readinessProbe:LivenessProbe restartPolicy:s script:s securityContext:SecurityContext "
  "startupProbe:LivenessProbe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s tty:b "
  "volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s workspaces:[Workspace",
  "StepTemplate args:[s command:[s computeResources:ComputeResources env:[Env envFrom:[EnvFrom image:s "
  "imagePullPolicy:s securityContext:SecurityContext volumeDevices:[VolumeDevice volumeMounts:[VolumeMount "
  "workingDir:s",
  "Param2 name:s value:x",
  "Ref name:s params:[Param2 resolver:s",
  "Result2 description:s name:s properties:{PropertiesValue type:s",
  "StderrConfig path:s",
  "When cel:s input:s operator:s values:[s",
  "Step args:[s command:[s computeResources:ComputeResources displayName:s env:[Env envFrom:[EnvFrom image:s "
  "imagePullPolicy:s name:s onError:s params:[Param2 ref:Ref results:[Result2 script:s "
  "securityContext:SecurityContext stderrConfig:StderrConfig stdoutConfig:StderrConfig timeout:s "
  "volumeDevices:[VolumeDevice volumeMounts:[VolumeMount when:[When workingDir:s workspaces:[Workspace",
  "Workspace2 description:s mountPath:s name:s optional:b readOnly:b",
  "Spec description:s displayName:s params:[Param results:[Result sidecars:[Sidecar stepTemplate:StepTemplate "
  "steps:[Step volumes:x workspaces:[Workspace2",
  "Task spec:Spec",
  "Include name:s params:[Param2",
  "Matrix include:[Include params:[Param2",
  "PipelineRef apiVersion:s name:s params:[Param2 resolver:s",
  "TaskRef apiVersion:s kind:s name:s params:[Param2 resolver:s",
  "Workspace3 name:s subPath:s workspace:s",
  "Finally description:s displayName:s matrix:Matrix name:s onError:s params:[Param2 pipelineRef:PipelineRef "
  "pipelineSpec:x retries:i runAfter:[s taskRef:TaskRef taskSpec:x timeout:s when:[When workspaces:[Workspace3",
  "Result3 description:s name:s type:s value:x",
  "Workspace4 description:s name:s optional:b",
  "Spec2 description:s displayName:s finally:[Finally params:[Param results:[Result3 tasks:[Finally "
  "workspaces:[Workspace4",
  "Pipeline spec:Spec2",
  "Breakpoints beforeSteps:[s onFailure:s",
  "Debug breakpoints:Breakpoints",
  "DnsConfig nameservers:[s options:[HttpHeader searches:[s",
  "HostAliase hostnames:[s ip:s",
  "ImagePullSecret name:s",
  "Toleration effect:s key:s operator:s tolerationSeconds:i value:s",
  "MatchExpression key:s operator:s values:[s",
  "LabelSelector matchExpressions:[MatchExpression matchLabels:{s",
  "TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s maxSkew:i minDomains:i "
  "nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s",
  "PodTemplate affinity:x automountServiceAccountToken:b dnsConfig:DnsConfig dnsPolicy:s enableServiceLinks:b "
  "env:[Env hostAliases:[HostAliase hostNetwork:b hostUsers:b imagePullSecrets:[ImagePullSecret nodeSelector:{s "
  "priorityClassName:s runtimeClassName:s schedulerName:s securityContext:x tolerations:[Toleration "
  "topologySpreadConstraints:[TopologySpreadConstraint volumes:x",
  "SidecarSpec computeResources:ComputeResources name:s",
  "Item key:s mode:i path:s",
  "ConfigMap defaultMode:i items:[Item name:s optional:b",
  "Csi driver:s fsType:s nodePublishSecretRef:ImagePullSecret readOnly:b volumeAttributes:{s",
  "EmptyDir medium:s sizeLimit:x",
  "PersistentVolumeClaim claimName:s readOnly:b",
  "ClusterTrustBundle labelSelector:LabelSelector name:s optional:b path:s signerName:s",
  "ConfigMap2 items:[Item name:s optional:b",
  "Item2 fieldRef:FieldRef mode:i path:s resourceFieldRef:ResourceFieldRef",
  "DownwardAPI items:[Item2",
  "PodCertificate certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s maxExpirationSeconds:i "
  "signerName:s userAnnotations:{s",
  "ServiceAccountToken audience:s expirationSeconds:i path:s",
  "Source clusterTrustBundle:ClusterTrustBundle configMap:ConfigMap2 downwardAPI:DownwardAPI "
  "podCertificate:PodCertificate secret:ConfigMap2 serviceAccountToken:ServiceAccountToken",
  "Projected defaultMode:i sources:[Source",
  "Secret defaultMode:i items:[Item optional:b secretName:s",
  "Workspace5 configMap:ConfigMap csi:Csi emptyDir:EmptyDir name:s persistentVolumeClaim:PersistentVolumeClaim "
  "projected:Projected secret:Secret subPath:s volumeClaimTemplate:x",
  "Spec3 computeResources:ComputeResources debug:Debug managedBy:s params:[Param2 podTemplate:PodTemplate "
  "retries:i serviceAccountName:s sidecarSpecs:[SidecarSpec status:s statusMessage:s stepSpecs:[SidecarSpec "
  "taskRef:TaskRef taskSpec:x timeout:s workspaces:[Workspace5",
  "Value digest:{s uri:s",
  "Input buildOutput:b name:s values:[Value",
  "Artifacts inputs:[Input outputs:[Input",
  "Condition lastTransitionTime:s message:s reason:s severity:s status:s type:s",
  "FeatureFlags awaitSidecarReadiness:b coschedule:s disableCredsInit:b disableInlineSpec:s enableAPIFields:s "
  "enableArtifacts:b enableCELInWhenExpression:b enableConciseResolverSyntax:b enableKeepPodOnCancel:b "
  "enableKubernetesSidecar:b enableParamEnum:b enableProvenanceInStatus:b enableStepActions:b "
  "enableTektonOCIBundles:b enableTerminationMessageCompression:b enableWaitExponentialBackoff:b "
  "enforceNonfalsifiability:s maxResultSize:i requireGitSSHSecretKnownHosts:b resultExtractionMethod:s "
  "runningInEnvWithInjectedSidecars:b sendCloudEventsForRuns:b setSecurityContext:b "
  "setSecurityContextReadOnlyRootFilesystem:b verificationNoMatchPolicy:s",
  "RefSource digest:{s entryPoint:s uri:s",
  "Provenance featureFlags:FeatureFlags refSource:RefSource",
  "Result4 name:s type:s value:x",
  "Running startedAt:s",
  "Terminated containerID:s exitCode:i finishedAt:s message:s reason:s signal:i startedAt:s",
  "Waiting message:s reason:s",
  "Sidecar2 container:s imageID:s name:s running:Running terminated:Terminated waiting:Waiting",
  "Step2 container:s imageID:s inputs:[Input name:s outputs:[Input provenance:Provenance results:[Result4 "
  "running:Running terminated:Terminated terminationReason:s waiting:Waiting",
  "Status annotations:{s artifacts:Artifacts completionTime:s conditions:[Condition observedGeneration:i "
  "podName:s provenance:Provenance results:[Result4 retriesStatus:x sidecars:[Sidecar2 spanContext:{s "
  "startTime:s steps:[Step2 taskSpec:Spec",
  "TaskRun spec:Spec3 status:Status",
  "Metadata annotations:{s labels:{s",
  "TaskRunSpec computeResources:ComputeResources metadata:Metadata pipelineTaskName:s podTemplate:PodTemplate "
  "serviceAccountName:s sidecarSpecs:[SidecarSpec stepSpecs:[SidecarSpec timeout:s",
  "TaskRunTemplate podTemplate:PodTemplate serviceAccountName:s",
  "Timeouts finally:s pipeline:s tasks:s",
  "Spec4 managedBy:s params:[Param2 pipelineRef:PipelineRef pipelineSpec:x status:s taskRunSpecs:[TaskRunSpec "
  "taskRunTemplate:TaskRunTemplate timeouts:Timeouts workspaces:[Workspace5",
  "ChildReference apiVersion:s displayName:s kind:s name:s pipelineTaskName:s whenExpressions:[When",
  "SkippedTask name:s reason:s whenExpressions:[When",
  "Status2 annotations:{s childReferences:[ChildReference completionTime:s conditions:[Condition "
  "finallyStartTime:s observedGeneration:i pipelineSpec:x provenance:Provenance results:[Param2 "
  "skippedTasks:[SkippedTask spanContext:{s startTime:s",
  "PipelineRun spec:Spec4 status:Status2",
  "CustomRef apiVersion:s bundle:s kind:s name:s params:[Param2 resolver:s",
  "CustomSpec apiVersion:s kind:s metadata:Metadata spec:o",
  "Source2 clusterTrustBundle:ClusterTrustBundle configMap:ConfigMap2 downwardAPI:DownwardAPI secret:ConfigMap2 "
  "serviceAccountToken:ServiceAccountToken",
  "Projected2 defaultMode:i sources:[Source2",
  "Workspace6 configMap:ConfigMap csi:Csi emptyDir:EmptyDir name:s persistentVolumeClaim:PersistentVolumeClaim "
  "projected:Projected2 secret:Secret subPath:s volumeClaimTemplate:x",
  "Spec5 customRef:CustomRef customSpec:CustomSpec params:[Param2 retries:i serviceAccountName:s status:s "
  "statusMessage:s timeout:s workspaces:[Workspace6",
  "Status3 annotations:{s completionTime:s conditions:[Condition extraFields:x observedGeneration:i "
  "results:[HttpHeader retriesStatus:x startTime:s",
  "CustomRun spec:Spec5 status:Status3",
  "ObjectMeta annotations:{s creationTimestamp:s deletionGracePeriodSeconds:i deletionTimestamp:s finalizers:[s "
  "generateName:s generation:i labels:{s managedFields:x name:s namespace:s ownerReferences:[OwnerReference "
  "resourceVersion:s selfLink:s uid:s",
  "OwnerReference apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s",
  "ConfigMapObject binaryData:{s data:{s immutable:b",
  "LocalReference name:s",
  "ServiceAccountObject automountServiceAccountToken:b imagePullSecrets:[LocalReference secrets:x",
  "NamespaceSpec finalizers:[s",
  "NamespaceObject spec:NamespaceSpec status:o",
  NULL,
};
